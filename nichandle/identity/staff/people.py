"""The provider's people: invited by link, each with a role and a password of their own."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nichandle.identity.staff import ledger, mails
from nichandle.identity.staff.models import StaffMember
from nichandle.identity.staff.roles import ROLES, NotYourRight, may
from nichandle.platform.kernel import addresses, tokens
from nichandle.platform.kernel.act import Act
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
    message = _("Nobody of the staff has this address.")


class NotYourself(Refused):
    code = "staff.not_yourself"
    message = _("You cannot do this to your own access: ask another administrator or the operator.")


@transaction.atomic
def invite(
    *,
    name: str,
    email: str,
    now: datetime,
    role: str | None = None,
    by: UUID | None = None,
    act: Act | None = None,
) -> str:
    """
    Make somebody one of the staff, or give one who exists a new link; return its secret.

    Until it is used, the password and the keys there are stay good. ``role`` is what they do from
    now on; without one, what they did before, and a newcomer looks into cases. ``by`` is who
    invites, None for the operator.

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
    made, _new = StaffMember.objects.update_or_create(
        email_key=addresses.key(address),
        defaults=facts | {"active": True},
        create_defaults=facts | {"email_key": addresses.key(address), "created_at": now},
    )
    ledger.enter(
        "staff.invited",
        member_id=by,
        act=act or Act.by_itself(now),
        subject=made.email,
        details={"name": made.name, "role": made.role},
    )
    return secret.secret


@transaction.atomic
def invite_colleague(
    *, by: UUID, name: str, email: str, role: str, language: str, act: Act
) -> None:
    """
    Invite somebody, as a desk administrator: the link goes to the newcomer alone, by mail.

    So no administrator can use it in their place. Nobody invites themselves to another role.

    :raises NotYourRight: when who invites is no administrator any more
    :raises NotYourself: when it is their own address
    :raises addresses.AddressNotValid: when no mail could be sent to the address
    """
    found = by_address(addresses.check(email))
    asking = _administrator(by, found)
    if found is not None and found.pk == by:
        raise NotYourself
    secret = invite(name=name, email=email, role=role, by=by, now=act.now, act=act)
    mails.invited(
        addresses.check(email),
        secret,
        by=asking.name,
        language=language,
        expires_at=act.now + SETUP_FOR,
        act=act,
    )


@transaction.atomic
def change_role(member_id: UUID, *, role: str, by: UUID, act: Act) -> None:
    """
    Give a colleague another role; pages and operations ask for it each time, so it is so at once.

    :raises NotYourRight: when who does it is no administrator any more
    :raises NotYourself: when it is their own role
    :raises NoSuchReviewer: when the colleague works here no more
    """
    found = member(member_id)
    _administrator(by, found)
    if member_id == by:
        raise NotYourself
    changed = lock_member(member_id)
    if changed is None or role not in ROLES:
        raise NoSuchReviewer
    if changed.role == role:
        return
    told = {"old": changed.role, "new": role}
    changed.role = role
    changed.save(update_fields=["role"])
    ledger.enter("staff.role_changed", member_id=by, act=act, subject=changed.email, details=told)


def invited(secret: str, *, now: datetime) -> StaffMember | None:
    """Return whose link it is; None when it no longer works."""
    rows = StaffMember.objects.filter(setup_digest=tokens.digest(secret), active=True)
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
    reviewer = locked(StaffMember.objects.filter(pk=found.pk)).get()
    if reviewer.setup_digest != tokens.digest(secret):
        raise SetupLinkNotValid
    reviewer.password, reviewer.setup_digest, reviewer.setup_expires_at = encoded, None, None
    reviewer.save(update_fields=["password", "setup_digest", "setup_expires_at"])
    return reviewer.pk


def lock_member(member_id: UUID) -> StaffMember | None:
    """Return a member of the staff who works here, with the row locked; None for all others."""
    return locked(StaffMember.objects.filter(pk=member_id, active=True)).first()


@transaction.atomic
def dismiss(*, email: str, act: Act, by: UUID | None = None) -> UUID:
    """
    Let somebody do nothing any more; what they did stays, their password does not.

    ``by`` is who does it, None for the operator.

    :raises NoSuchReviewer: when nobody has this address
    :raises NotYourRight: when who does it is no administrator any more
    :raises NotYourself: when it is their own access
    """
    found = by_address(email)
    if by is not None:
        _administrator(by, found)
    if found is None:
        raise NoSuchReviewer
    if found.pk == by:
        raise NotYourself
    StaffMember.objects.filter(pk=found.pk).update(
        active=False, setup_digest=None, setup_expires_at=None, password=""
    )
    ledger.enter("staff.dismissed", member_id=by, act=act, subject=found.email)
    return found.pk


def by_address(email: str) -> StaffMember | None:
    """Return the member of the staff with this address, active or not."""
    return StaffMember.objects.filter(email_key=addresses.key(email)).first()


def member(member_id: UUID) -> StaffMember | None:
    """Return one of the staff, active or not; None when there is no such person."""
    return StaffMember.objects.filter(pk=member_id).first()


def everybody() -> list[StaffMember]:
    """Return all there are and were, by name."""
    return list(StaffMember.objects.order_by("name", "pk"))


def _administrator(by: UUID, concerned: StaffMember | None) -> StaffMember:
    """
    Return the administrator who acts, once their row and that of whom it concerns are locked.

    Both by one statement, in one order: two who dismiss each other would lock in a ring.
    """
    both = [by, *([concerned.pk] if concerned else [])]
    rows = locked(StaffMember.objects.filter(pk__in=both).order_by("pk"))
    acting = next((row for row in rows if row.pk == by), None)
    if acting is None or not may(acting, "people"):
        raise NotYourRight
    return acting
