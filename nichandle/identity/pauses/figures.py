"""The figures that sentences name of this room: ``"pauses.code"``."""

from nichandle.identity.pauses.acts import CAUSES
from nichandle.identity.pauses.operations import CODE_LIFETIME

FIGURES = {
    "code": CODE_LIFETIME,
    "case_effect": CAUSES["case_effect"].lasts,
    "not_me": CAUSES["not_me"].lasts,
}
