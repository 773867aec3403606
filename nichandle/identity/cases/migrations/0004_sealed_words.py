"""
The words of objections and reviews are sealed under their case's key, like its papers.

Cases without papers had no key: those that are not decided, or were less than 30 days ago, get one.
What belongs to a key that is destroyed, or is older, is erased, as the papers were.
"""

import base64
import os
from datetime import timedelta
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.utils import timezone

from nichandle.platform.kernel import tokens

ERASED_AFTER = timedelta(days=30)
NONCE = 12


def seal(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    get = apps.get_model
    old = timezone.now() - ERASED_AFTER
    for case in get("cases", "Case").objects.exclude(state="filing").iterator():
        erased = case.decided_at is not None and case.decided_at <= old
        if case.key is None and not case.secret_digest and not erased and case.state != "withdrawn":
            case.key = tokens.seal(base64.b64encode(AESGCM.generate_key(256)).decode(), "case key")
            case.save(update_fields=["key"])
        for row in get("cases", "Objection").objects.filter(case=case):
            row.words = _sealed(case, f"objection {row.by} {row.who}", row.words)
            if case.key is None:
                row.who, row.ip = "", None
            row.save(update_fields=["words", "who", "ip"])
        for row in get("cases", "Review").objects.filter(case=case):
            row.words = _sealed(case, f"review {row.reviewer_id}", row.words)
            row.save(update_fields=["words"])


def unseal(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    get = apps.get_model
    for case in get("cases", "Case").objects.exclude(key=None).iterator():
        for row in get("cases", "Objection").objects.filter(case=case).exclude(words=""):
            row.words = _opened(case, f"objection {row.by} {row.who}", row.words)
            row.save(update_fields=["words"])
        for row in get("cases", "Review").objects.filter(case=case).exclude(words=""):
            row.words = _opened(case, f"review {row.reviewer_id}", row.words)
            row.save(update_fields=["words"])


def _sealed(case: Any, name: str, words: str) -> str:
    if not words or case.key is None:
        return ""
    nonce = os.urandom(NONCE)
    sealed = _cipher(case).encrypt(nonce, words.encode(), _bound_to(case, name))
    return base64.b64encode(nonce + sealed).decode()


def _opened(case: Any, name: str, words: str) -> str:
    sealed = base64.b64decode(words)
    return _cipher(case).decrypt(sealed[:NONCE], sealed[NONCE:], _bound_to(case, name)).decode()


def _cipher(case: Any) -> AESGCM:
    return AESGCM(base64.b64decode(tokens.unseal(case.key, "case key")))


def _bound_to(case: Any, name: str) -> bytes:
    return f"nichandle case {case.pk} {name}".encode()


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0003_places_and_papers"),
    ]

    operations = [
        migrations.RunPython(seal, unseal),
    ]
