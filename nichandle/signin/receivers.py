"""What this room does when another tells something."""

from typing import Any
from uuid import UUID

from django.dispatch import receiver

from nichandle.cases.signals import effected
from nichandle.signin.operations import end_all


@receiver(effected)
def sign_out_everywhere(*, account_id: UUID, **_signal: Any) -> None:
    """Whoever was signed in may be whom the case was about: no browser is known any more."""
    end_all(account_id=account_id)
