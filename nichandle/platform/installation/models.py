"""What a database knows of the server it belongs to."""

from django.db import models
from django.db.models import Q


class Installation(models.Model):
    """
    The only row: the name of the secret in use, the suffix, and when somebody last tried to write.

    A secret's name tells nothing of it: ``kernel.tokens.key_name``.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    secret_name = models.CharField(max_length=16)
    suffix = models.CharField(max_length=8)
    written_at = models.DateTimeField()

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(id=1), name="installation_only_one"),)
