"""The figures that sentences name of this room: ``"factors.app_step"``."""

from nichandle.identity.factors import recovery_codes, totp

FIGURES = {"app_step": totp.STEP, "recovery_codes": recovery_codes.COUNT}
