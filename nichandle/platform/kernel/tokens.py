"""Secrets: links minted, links and codes hashed for storage, sealed for the way to a mail."""

import base64
import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

CODE_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
"""The letters of RFC 8628 section 6.1: no vowels, so no words; nothing that looks alike."""

MARK = "2."
"""What a sealed text begins with; those of before begin otherwise."""
SALT_BYTES, NONCE_BYTES = 16, 12
HEAD_BYTES = SALT_BYTES + NONCE_BYTES


class NotSealed(ValueError):
    """A text that no listed secret has sealed, or not for this purpose."""


@dataclass(frozen=True, slots=True)
class Minted:
    """A new secret: ``secret`` leaves by mail, ``digest`` is all that is stored."""

    secret: str
    digest: str


def mint() -> Minted:
    """
    Make a link secret of 192 bits and its digest.

    It ends with a letter or digit: many mail programs leave a dash or underscore at the end of an
    address out of the link. Drawing again until it does costs less than a twentieth of a bit.
    """
    secret = secrets.token_urlsafe(24)
    while not secret[-1].isalnum():
        secret = secrets.token_urlsafe(24)
    return Minted(secret, digest(secret))


def digest(secret: str) -> str:
    """Hash a secret of high entropy for storage; not for codes, which a thief could try out."""
    return hashlib.sha256(secret.encode()).hexdigest()


def code_digest(code: str, purpose: str) -> str:
    """
    Hash a code for storage, keyed with the server's secret.

    ``purpose`` names the row the code was made for, so that a code copied to another row is
    worth nothing there.
    """
    return code_digests(code, purpose)[key_name()]


def code_digests(code: str, purpose: str) -> dict[str, str]:
    """Hash a code with every secret still listed, by the secret's ``key_name``."""
    text = f"{purpose}\0{code}".encode()
    return {
        _name(secret): hmac.new(_derive(secret, "codes"), text, hashlib.sha256).hexdigest()
        for secret in _all_secrets()
    }


def key_name() -> str:
    """Name the current secret without telling anything of it, for rows that live on under it."""
    return _name(settings.SECRET_KEY)


def key_names() -> list[str]:
    """Name every secret still listed: a code hashed with another can never be right again."""
    return [_name(secret) for secret in _all_secrets()]


def name_of(secret: str) -> str:
    """Name a secret that may be of another server, as ``key_name`` names ours."""
    return _name(secret)


def keyed_digest(text: str, purpose: str) -> str:
    """Hash something guessable (an address, a network) so that a stolen table does not tell it."""
    return hmac.new(_key(purpose), text.encode(), hashlib.sha256).hexdigest()


def same(left: str, right: str) -> bool:
    """Compare two digests in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())


def seal(text: str, purpose: str) -> str:
    """
    Encrypt a secret that must be read again, with the newest key; ``unseal`` asks for its purpose.

    AES-256-GCM under a key of its own for each text, derived with a random salt (HKDF), so that no
    number of texts wears out the 96-bit nonce (NIST SP 800-38D section 8.3).
    """
    salt, nonce = os.urandom(SALT_BYTES), os.urandom(NONCE_BYTES)
    sealed = _cipher(settings.SECRET_KEY, salt).encrypt(nonce, text.encode(), purpose.encode())
    return MARK + base64.urlsafe_b64encode(salt + nonce + sealed).decode()


def unseal(text: str, purpose: str) -> str:
    """
    Decrypt what ``seal`` made for this purpose, with any key still listed.

    :raises NotSealed: when none of them fits, or it was sealed for something else
    """
    for secret in _all_secrets():
        with suppress(NotSealed):
            return _opened(text, purpose, secret)
    raise NotSealed


def renewed(text: str, purpose: str) -> str | None:
    """
    Seal anew what an older key or the older way sealed; None when that is not needed.

    :raises NotSealed: as ``unseal``
    """
    if text.startswith(MARK):
        with suppress(NotSealed):
            _opened(text, purpose, settings.SECRET_KEY)
            return None
    return seal(unseal(text, purpose), purpose)


def signing_key(purpose: str) -> bytes:
    """Derive 32 bytes for a purpose from the current secret."""
    return _key(purpose)


def signing_keys(purpose: str) -> list[bytes]:
    """Derive the keys for a purpose from every secret still listed, the current one first."""
    return [_derive(secret, purpose) for secret in _all_secrets()]


def _key(purpose: str) -> bytes:
    return _derive(settings.SECRET_KEY, purpose)


def _all_secrets() -> tuple[str, ...]:
    return (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


def _name(secret: str) -> str:
    return _derive(secret, "name").hex()[:16]


def _opened(text: str, purpose: str, secret: str) -> str:
    try:
        if not text.startswith(MARK):
            return _earlier(secret).decrypt(text.encode()).decode()
        raw = base64.b64decode(text[len(MARK) :].encode(), altchars=b"-_", validate=True)
        salt, nonce, sealed = raw[:SALT_BYTES], raw[SALT_BYTES:HEAD_BYTES], raw[HEAD_BYTES:]
        return _cipher(secret, salt).decrypt(nonce, sealed, purpose.encode()).decode()
    except (InvalidToken, InvalidTag, ValueError) as reason:
        raise NotSealed from reason


def _cipher(secret: str, salt: bytes) -> AESGCM:
    key = HKDF(hashes.SHA256(), 32, salt=salt, info=b"nichandle sealed").derive(secret.encode())
    return AESGCM(key)


@cache
def _earlier(secret: str) -> Fernet:
    """Return what opens the seals made before there was a purpose: Fernet, AES-128-CBC."""
    return Fernet(base64.urlsafe_b64encode(_derive(secret, "seal")))


@cache
def _derive(secret: str, purpose: str) -> bytes:
    info = f"nichandle {purpose}".encode()
    return HKDF(hashes.SHA256(), 32, salt=None, info=info).derive(secret.encode())
