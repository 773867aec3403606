"""
The key of a case: what it seals is gone for good when the key is destroyed.

AES-GCM with 256 bits; the key itself waits sealed under the server's secret, whose predecessors
still open it. What is sealed is bound to its case and its name, so that nothing can be moved.
"""

import base64
import os
from datetime import datetime

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from nichandle.identity.cases import clock
from nichandle.identity.cases.models import Case, Objection, PaperBody, Review
from nichandle.platform.kernel import tokens

NONCE = 12
WORDS = "words"
KEY = "case key"
"""The purpose under which the server's secret seals a case's key."""
AT_ONCE = 200


def new_key() -> str:
    """Make a key, sealed for storage."""
    return tokens.seal(base64.b64encode(AESGCM.generate_key(256)).decode(), KEY)


def seal(case: Case, name: str, data: bytes) -> bytes:
    """Seal bytes under the case's key, bound to the case and a name."""
    nonce = os.urandom(NONCE)
    return nonce + _cipher(case).encrypt(nonce, data, _bound_to(case, name))


def unseal(case: Case, name: str, sealed: bytes) -> bytes:
    """
    Open what ``seal`` made.

    :raises cryptography.exceptions.InvalidTag: when it is of another case or name, or was changed
    """
    return _cipher(case).decrypt(sealed[:NONCE], sealed[NONCE:], _bound_to(case, name))


def seal_words(case: Case, words: str, *, name: str = WORDS) -> str:
    """Seal what a person wrote for a case; nothing where its key is destroyed."""
    if not words or case.key is None:
        return ""
    return base64.b64encode(seal(case, name, words.encode())).decode()


def words_of(case: Case, sealed: str | None = None, *, name: str = WORDS) -> str:
    """Return what who opened a case wrote, or what else was sealed; empty without the key."""
    sealed = case.words if sealed is None else sealed
    if not sealed or case.key is None:
        return ""
    return unseal(case, name, base64.b64decode(sealed)).decode()


def of_objection(objection: Objection) -> str:
    """Return to what the words of an objection are bound."""
    return f"objection {objection.by} {objection.who}"


def of_review(review: Review) -> str:
    """Return to what the words of a reviewer are bound."""
    return f"review {review.reviewer_id}"


def destroy(case: Case) -> None:
    """Destroy a case's key, and with it all that it sealed; the caller holds the case."""
    case.key, case.words, case.typed, case.named = None, "", "", ""
    case.save(update_fields=["key", "words", "typed", "named"])
    Objection.objects.filter(case=case).update(words="", who="", ip=None)
    Review.objects.filter(case=case).update(words="")
    # Ciphertext without key is noise; it goes to give the room back.
    PaperBody.objects.filter(paper__case=case).delete()


def destroy_due(*, now: datetime) -> int:
    """Destroy the keys of cases decided 30 days ago; return how many."""
    old = Case.objects.filter(key__isnull=False, decided_at__lte=now - clock.ERASED_AFTER)
    found = list(old.order_by("decided_at")[:AT_ONCE])
    for case in found:
        destroy(case)
    return len(found)


def renew_keys() -> int:
    """Seal the keys anew under the current secret, so that old secrets can go; return how many."""
    changed = 0
    for pk, sealed in Case.objects.filter(key__isnull=False).values_list("pk", "key"):
        renewed = tokens.renewed(sealed or "", KEY)
        if renewed is not None:
            changed += Case.objects.filter(pk=pk, key=sealed).update(key=renewed)
    return changed


def _cipher(case: Case) -> AESGCM:
    assert case.key is not None
    return AESGCM(base64.b64decode(tokens.unseal(case.key, KEY)))


def _bound_to(case: Case, name: str) -> bytes:
    return f"nichandle case {case.pk} {name}".encode()
