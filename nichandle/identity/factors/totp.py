"""One-time codes of authenticator apps: RFC 6238, six digits, thirty seconds."""

import io
import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import pyotp
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from nichandle.platform.kernel import tokens
from nichandle.platform.kernel.codes import letters_and_digits
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.later import later

segno = later("segno")

STEP = 30
DRIFT = 1
"""How many steps a clock may be off; each one more makes guessing easier."""
SETUP_LIFETIME = timedelta(hours=1)
SETUP, SEED = "app being set up", "seed of an app"
_DIGITS = re.compile(r"[0-9]{6}")


class AppCodeUnreadable(Refused):
    """It cannot be a code of an app at all, so nothing was guessed: no try is spent."""

    code = "factors.app_code_unreadable"
    message = _("This cannot be a code of your app: it has six digits, such as 123 456.")
    field = "code"


@dataclass(frozen=True, slots=True)
class Setup:
    """An app being set up: the seed, and the sealed form of it that the page carries."""

    seed: str
    sealed: str

    @property
    def written(self) -> str:
        """The seed in groups of four, for those who type it."""
        return " ".join(self.seed[start : start + 4] for start in range(0, len(self.seed), 4))


def new_setup(account_id: UUID, *, now: datetime) -> Setup:
    """Make a seed of 160 bits, bound to an account; nothing is stored until a code proves it."""
    seed = pyotp.random_base32()
    facts = {"account": str(account_id), "seed": seed, "at": now.isoformat()}
    return Setup(seed, tokens.seal(json.dumps(facts), SETUP))


def opened_setup(sealed: str, account_id: UUID, *, now: datetime) -> Setup | None:
    """Return what ``new_setup`` made; None when it is old, another account's, or not ours."""
    try:
        facts = json.loads(tokens.unseal(sealed, SETUP))
        age = now - datetime.fromisoformat(facts["at"])
        mine = facts["account"] == str(account_id)
    except (ValueError, KeyError, TypeError):
        return None
    if not mine or not timedelta() <= age < SETUP_LIFETIME:
        return None
    return Setup(facts["seed"], sealed)


def address(seed: str, handle: str) -> str:
    """Return the ``otpauth`` address that apps read from the QR code."""
    issuer = settings.NICHANDLE_BRAND
    return pyotp.TOTP(seed, interval=STEP).provisioning_uri(name=handle, issuer_name=issuer)


def qr_code(text: str) -> str:
    """Draw a QR code as SVG that needs no style of its own."""
    drawn = io.BytesIO()
    code = segno.make(text, error="m", micro=False)
    code.save(
        drawn, kind="svg", xmldecl=False, svgns=False, omitsize=True, svgclass="qr", lineclass=None
    )
    return drawn.getvalue().decode()


def digits_of(typed: str) -> str:
    """
    Return the six digits of a typed code, whatever stands around them.

    :raises AppCodeUnreadable: when it can be no code of an app; not to be counted
    """
    digits = letters_and_digits(typed)
    if _DIGITS.fullmatch(digits) is None:
        raise AppCodeUnreadable
    return digits


def matching_step(seed: str, code: str, *, after: int, now: datetime) -> int | None:
    """
    Return the time step whose code this is; None when it fits none, or only one used before.

    Every step is computed, so that the time taken does not tell which one fitted.

    :raises AppCodeUnreadable: as ``digits_of``
    """
    digits = digits_of(code)
    generator, present = pyotp.TOTP(seed, interval=STEP), int(now.timestamp()) // STEP
    fitting = None
    for step in range(present - DRIFT, present + DRIFT + 1):
        fits = tokens.same(generator.generate_otp(step), digits)
        if fits and step > after:
            fitting = step
    return fitting


def seed_digest(seed: str) -> str:
    """Hash a seed, so that the same one is never set up twice."""
    return tokens.keyed_digest(seed, "totp seeds")
