"""The figures that sentences name of this room: ``"signup.code"``."""

from nichandle.identity.signup.operations import CODE_LIFETIME

FIGURES = {"code": CODE_LIFETIME}
