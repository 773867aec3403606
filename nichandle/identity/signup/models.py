"""Creations: what is kept of somebody who has not proven an address yet."""

from django.db import models

from nichandle.platform.kernel.codes import MailedCode
from nichandle.platform.kernel.fields import FoldedField


class Creation(models.Model):
    """
    One browser's attempt to create an account; it reserves nothing and cannot sign in.

    ``code_digest`` is empty when the address already has an account: no code opens it then.
    ``mail_id`` is its last mail, which may turn out to be undeliverable.
    """

    secret_digest = FoldedField(max_length=64, unique=True)
    country = models.CharField(max_length=2)
    language = models.CharField(max_length=8)
    address = models.CharField(max_length=254)
    address_key = FoldedField(max_length=254, db_index=True)
    password = models.CharField(max_length=255)
    length_class = models.CharField(max_length=8)
    code_digest = models.CharField(max_length=64, blank=True)
    code_expires_at = models.DateTimeField()
    wrong_codes = models.PositiveSmallIntegerField(default=0)
    sent = models.PositiveSmallIntegerField(default=1)
    mail_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(db_index=True)

    code = MailedCode("signup", owner="secret_digest")
