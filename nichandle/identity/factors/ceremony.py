"""WebAuthn: what a key is asked, and whether its answer is right."""

import json
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from nichandle.platform.kernel import tokens
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.later import later

webauthn = later("webauthn")
helpers = later("webauthn.helpers")
exceptions = later("webauthn.helpers.exceptions")
structs = later("webauthn.helpers.structs")

CHALLENGE_BYTES = 32
ANSWERED_WITHIN = timedelta(minutes=10)
PAGE_STANDS = timedelta(hours=1)
"""A sign-in page offers passkeys from the moment it is open, and stays open for a while."""
LONGEST_ANSWER = 20_000
BASE64URL = re.compile(r"[A-Za-z0-9_-]{1,1400}")
"""A credential's name in an answer: nothing else is looked up."""
BROKEN = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What the library raises at an answer that no browser makes, besides its own."""


class KeyNotRight(Refused):
    code = "factors.key_not_right"
    message = _("This key was not accepted. Try again, or use another method.")


class KeyTooLate(Refused):
    code = "factors.key_too_late"
    message = _("This page was open for long. Use your key once more.")


class HeldKey(Protocol):
    """A key that is set up already, whoever's table it stands in."""

    @property
    def credential_id(self) -> str: ...
    @property
    def public_key(self) -> bytes | memoryview | bytearray: ...
    @property
    def transports(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class Ceremony:
    """One question to a key: ``options`` for the browser, ``state`` for us, sealed."""

    options: str
    state: str


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that has just proven that it holds the private half."""

    credential_id: str
    public_key: bytes
    sign_count: int
    transports: list[str]
    discoverable: bool
    user_verified: bool
    backup_eligible: bool
    backed_up: bool
    challenge: str


@dataclass(frozen=True, slots=True)
class KeyAnswer:
    """
    A right answer; the counter is for the caller to compare, with the row locked.

    ``backup_eligible`` is whether the key may be in several places by design, as passkeys of a
    password manager are; ``backed_up`` whether it is (the flags BE and BS of WebAuthn, 6.1.3).
    """

    sign_count: int
    backup_eligible: bool
    backed_up: bool
    challenge: str

    def counted_back(self, counted: int) -> bool:
        """Tell whether the counter did not go up: a signal that there are two of this key."""
        return bool(self.sign_count or counted) and self.sign_count <= counted

    def from_a_copy(self, counted: int, *, eligible: bool | None = None) -> bool:
        """
        Tell whether there are two of a key of which there may be one (WebAuthn 3, 6.1.1; ADR 22).

        ``eligible`` is what was noted when it was set up; unknown, what the answer says counts.
        """
        movable = self.backup_eligible and eligible is not False
        return self.counted_back(counted) and not movable


def site() -> str:
    """Return the name that keys are bound to: the host that customers reach us at."""
    return urlsplit(settings.BASE_URL).hostname or "localhost"


def ask_to_register(
    owner_id: UUID,
    *,
    handle: str,
    name: str,
    keys: Iterable[HeldKey],
    passkey: bool = True,
    now: datetime,
) -> Ceremony:
    """
    Ask for a new key; one that its owner has already is refused by the browser.

    ``passkey`` asks for one that signs in by itself too, without a password.
    """
    challenge = secrets.token_bytes(CHALLENGE_BYTES)
    options = webauthn.generate_registration_options(
        rp_id=site(),
        rp_name=settings.NICHANDLE_BRAND,
        user_id=owner_id.bytes,
        user_name=handle,
        user_display_name=f"{name} ({handle})",
        challenge=challenge,
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.PREFERRED
            if passkey
            else structs.ResidentKeyRequirement.DISCOURAGED,
            user_verification=structs.UserVerificationRequirement.PREFERRED,
        ),
        exclude_credentials=_descriptors(keys),
    )
    written = json.loads(webauthn.options_to_json(options))
    written["extensions"] = {"credProps": True}
    return Ceremony(json.dumps(written), _sealed(challenge, f"register {owner_id}", now))


def ask_to_prove(
    *, purpose: str, keys: Iterable[HeldKey] = (), verified: bool, now: datetime
) -> Ceremony:
    """
    Ask one of these keys, or any passkey, to prove itself.

    ``verified`` asks that the key has made sure of its owner, by PIN or finger.
    """
    challenge = secrets.token_bytes(CHALLENGE_BYTES)
    options = webauthn.generate_authentication_options(
        rp_id=site(),
        challenge=challenge,
        allow_credentials=_descriptors(keys),
        user_verification=structs.UserVerificationRequirement.REQUIRED
        if verified
        else structs.UserVerificationRequirement.DISCOURAGED,
    )
    return Ceremony(webauthn.options_to_json(options), _sealed(challenge, purpose, now))


def registered(response: str, state: str, *, owner_id: UUID, now: datetime) -> NewKey:
    """
    Return the new key of a right answer; no statement.

    :raises KeyTooLate: when the question is too old
    :raises KeyNotRight: when the answer is not one to our question, from our site
    """
    challenge = _opened(state, f"register {owner_id}", now=now, within=ANSWERED_WITHIN)
    answer = _parsed(response)
    try:
        found = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site(),
            expected_origin=settings.BASE_URL,
        )
    except (exceptions.WebAuthnException, *BROKEN) as wrong:
        raise KeyNotRight from wrong
    return NewKey(
        credential_id=helpers.bytes_to_base64url(found.credential_id),
        public_key=found.credential_public_key,
        sign_count=found.sign_count,
        transports=_transports(answer),
        discoverable=_discoverable(answer),
        user_verified=found.user_verified,
        backup_eligible=found.credential_device_type == structs.CredentialDeviceType.MULTI_DEVICE,
        backed_up=found.credential_backed_up,
        challenge=tokens.digest(challenge.hex()),
    )


def proven(
    key: HeldKey,
    response: str,
    state: str,
    *,
    owner_id: UUID,
    purpose: str,
    verified: bool,
    now: datetime,
) -> KeyAnswer:
    """
    Check a key's answer but for its counter; no statement.

    A key may say whose it is (its user handle); what it says has to be true (WebAuthn Level 2,
    7.2, step 6).

    :raises KeyTooLate: when the question is too old
    :raises KeyNotRight: when the answer is not this key's, to our question, from our site
    """
    if _says_whose(response) and owner_named_in(response) != owner_id:
        raise KeyNotRight
    challenge = _asked(state, purpose, now)
    try:
        found = webauthn.verify_authentication_response(
            credential=_parsed(response),
            expected_challenge=challenge,
            expected_rp_id=site(),
            expected_origin=settings.BASE_URL,
            credential_public_key=bytes(key.public_key),
            credential_current_sign_count=0,
            require_user_verification=verified,
        )
    except (exceptions.WebAuthnException, *BROKEN) as wrong:
        raise KeyNotRight from wrong
    return KeyAnswer(
        sign_count=found.new_sign_count,
        backup_eligible=found.credential_device_type == structs.CredentialDeviceType.MULTI_DEVICE,
        backed_up=found.credential_backed_up,
        challenge=tokens.digest(challenge.hex()),
    )


def _asked(state: str, purpose: str, now: datetime) -> bytes:
    """:raises KeyTooLate: when the question is too old"""
    within = PAGE_STANDS if purpose == "passkey" else ANSWERED_WITHIN
    return _opened(state, purpose, now=now, within=within)


def named_in(response: str) -> str:
    """Return the credential that an answer claims to come from; empty when it says none."""
    try:
        named = str(_parsed(response).get("id", ""))
    except KeyNotRight:
        return ""
    return named if BASE64URL.fullmatch(named) else ""


def owner_named_in(response: str) -> UUID | None:
    """Return the account that a passkey says it belongs to (its user handle)."""
    try:
        said = _parsed(response)["response"].get("userHandle") or ""
        return UUID(bytes=helpers.base64url_to_bytes(said))
    except (KeyNotRight, exceptions.WebAuthnException, *BROKEN):
        return None


def _says_whose(response: str) -> bool:
    said = _parsed(response).get("response")
    return isinstance(said, dict) and bool(said.get("userHandle"))


def _parsed(response: str) -> dict[str, Any]:
    try:
        answer = json.loads(response) if len(response) <= LONGEST_ANSWER else None
    except (ValueError, RecursionError) as wrong:
        raise KeyNotRight from wrong
    if not isinstance(answer, dict):
        raise KeyNotRight
    return answer


def _sealed(challenge: bytes, purpose: str, now: datetime) -> str:
    facts = {"challenge": challenge.hex(), "purpose": purpose, "at": now.isoformat()}
    return tokens.seal(json.dumps(facts), f"passkey {purpose}")


def _opened(state: str, purpose: str, *, now: datetime, within: timedelta) -> bytes:
    try:
        facts = json.loads(tokens.unseal(state, f"passkey {purpose}"))
        asked_for, at = facts["purpose"], datetime.fromisoformat(facts["at"])
        challenge = bytes.fromhex(facts["challenge"])
    except (ValueError, KeyError, TypeError) as wrong:
        raise KeyNotRight from wrong
    if asked_for != purpose:
        raise KeyNotRight
    if not timedelta() <= now - at < within:
        raise KeyTooLate
    return challenge


def _descriptors(keys: Iterable[HeldKey]) -> list[Any]:
    return [
        structs.PublicKeyCredentialDescriptor(
            id=helpers.base64url_to_bytes(key.credential_id),
            transports=[structs.AuthenticatorTransport(name) for name in key.transports],
        )
        for key in keys
    ]


def _transports(answer: dict[str, Any]) -> list[str]:
    """Return how the key is reached, as the browser said: a hint, kept if it is one we know."""
    response = answer.get("response")
    said = response.get("transports") if isinstance(response, dict) else None
    known = {one.value for one in structs.AuthenticatorTransport}
    if not isinstance(said, list):
        return []
    return [one for one in said if isinstance(one, str) and one in known][:6]


def _discoverable(answer: dict[str, Any]) -> bool:
    extensions = answer.get("clientExtensionResults")
    properties = extensions.get("credProps") if isinstance(extensions, dict) else None
    return bool(isinstance(properties, dict) and properties.get("rk"))
