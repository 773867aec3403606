"""Reviewers: invited by the operator, each with a password of their own."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nichandle.identity.cases.models import Reviewer
from nichandle.identity.cases.review import places
from nichandle.platform.kernel import addresses, tokens
from nichandle.platform.kernel.database import locked
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.wording.figures import Duration, with_figures

SETUP_FOR = timedelta(hours=24)


class SetupLinkNotValid(Refused):
    code = "reviewer.setup_link_not_valid"
    message = with_figures(
        _(
            "This link was used, is older than %(time)s, was replaced, or is not complete. Copy "
            "the whole of it from the mail, or ask for another."
        ),
        time=Duration(SETUP_FOR, "than"),
    )
    status = 410


class NoSuchReviewer(Refused):
    code = "reviewer.unknown"
    message = _("There is no reviewer with this address.")


def invite(*, name: str, email: str, now: datetime, role: str | None = None) -> str:
    """
    Make a reviewer, or give one who exists a new link; return its secret.

    Until it is used, the password and the keys there are stay good. ``role`` is what they do from
    now on; without one, what they did before, and a newcomer looks into cases.

    :raises addresses.AddressNotValid: when no mail could be sent to the address
    """
    address, secret = addresses.check(email), tokens.mint()
    facts: dict[str, Any] = {
        "name": name,
        "email": address,
        "setup_digest": secret.digest,
        "setup_expires_at": now + SETUP_FOR,
    }
    if role is not None:
        facts["role"] = role
    Reviewer.objects.update_or_create(
        email_key=addresses.key(address),
        defaults=facts | {"active": True},
        create_defaults=facts | {"email_key": addresses.key(address), "created_at": now},
    )
    return secret.secret


def invited(secret: str, *, now: datetime) -> Reviewer | None:
    """Return whose link it is; None when it no longer works."""
    rows = Reviewer.objects.filter(setup_digest=tokens.digest(secret), active=True)
    return rows.filter(setup_expires_at__gt=now).first()


@transaction.atomic
def set_password(*, secret: str, encoded: str, now: datetime) -> UUID:
    """
    Use a link up: the reviewer has this password from now on.

    :raises SetupLinkNotValid: when the link is unknown, used or too old
    """
    found = invited(secret, now=now)
    if found is None:
        raise SetupLinkNotValid
    reviewer = locked(Reviewer.objects.filter(pk=found.pk)).get()
    if reviewer.setup_digest != tokens.digest(secret):
        raise SetupLinkNotValid
    reviewer.password, reviewer.setup_digest, reviewer.setup_expires_at = encoded, None, None
    reviewer.save(update_fields=["password", "setup_digest", "setup_expires_at"])
    return reviewer.pk


def lock_reviewer(reviewer_id: UUID) -> Reviewer | None:
    """Return a reviewer who works here, with the row locked; None for all others."""
    return locked(Reviewer.objects.filter(pk=reviewer_id, active=True)).first()


@transaction.atomic
def dismiss(*, email: str, now: datetime) -> UUID:
    """
    Let a reviewer do nothing any more; what they decided stays, their password does not.

    What they were at work on is free for others at once.

    :raises NoSuchReviewer: when nobody has this address
    """
    found = by_address(email)
    if found is None:
        raise NoSuchReviewer
    Reviewer.objects.filter(pk=found.pk).update(
        active=False, setup_digest=None, setup_expires_at=None, password=""
    )
    places.free_of(found.pk, now=now)
    return found.pk


def by_address(email: str) -> Reviewer | None:
    """Return the reviewer with this address, active or not."""
    return Reviewer.objects.filter(email_key=addresses.key(email)).first()


def everybody() -> list[Reviewer]:
    return list(Reviewer.objects.order_by("name", "pk"))
