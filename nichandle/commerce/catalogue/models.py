"""The editions of the catalogue: each file that was taken over, as it was."""

from django.db import models

from nichandle.platform.kernel.fields import FoldedField


class Edition(models.Model):
    """
    What was sold from a moment on; never changed, and the newest holds.

    ``content`` is canonical JSON as text: PostgreSQL's own JSON would not keep the order in which
    things are shown. ``digest`` is its SHA-256; ``languages`` are those every text is written in.
    """

    number = models.PositiveIntegerField(primary_key=True)
    digest = FoldedField(max_length=64)
    languages = models.JSONField()
    content = models.TextField()
    adopted_at = models.DateTimeField()
