"""The figures that sentences name of this room: ``"accounts.established"``."""

from nichandle.identity.accounts import recovery_addresses
from nichandle.identity.accounts.models import ESTABLISHED_AFTER

FIGURES = {
    "established": ESTABLISHED_AFTER,
    "recovery_code": recovery_addresses.CODE_LIFETIME,
    "recovery_undo": recovery_addresses.UNDO_FOR,
}
