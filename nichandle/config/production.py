"""What production refuses to start with: each a sentence for the operator."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from nichandle.config.options import SettingWrong

LOCAL_NAMES = {"localhost", "127.0.0.1", "::1"}


def refuse_unsafe(values: Mapping[str, Any], *, given: frozenset[str], base_url: str) -> None:
    """:raises SettingWrong: with every reason, when the settings cannot serve real customers"""
    if values["mode"] != "production":
        return
    reasons = list(_reasons(values, given, base_url))
    if reasons:
        raise SettingWrong("Production does not start: " + " ".join(reasons))


def _reasons(values: Mapping[str, Any], given: frozenset[str], base_url: str) -> list[str]:
    reasons = []
    site = urlsplit(base_url)
    if not {"NICHANDLE_BASE_URL"} & given:
        reasons.append("NICHANDLE_BASE_URL is missing: give the address customers use.")
    elif site.scheme != "https" and site.hostname not in LOCAL_NAMES:
        reasons.append("NICHANDLE_BASE_URL must begin with https://.")
    if not values["mail_url"]:
        reasons.append("NICHANDLE_MAIL_URL is missing: the mail viewer is for demo mode only.")
    for name, why in (
        ("NICHANDLE_MAIL_FROM", "mails need a sender customers know"),
        ("NICHANDLE_BRAND", "pages need the provider's name"),
        ("NICHANDLE_SUFFIX", "identifiers are permanent, so choose their suffix"),
    ):
        if name not in given:
            reasons.append(f"{name} is missing: {why}.")
    if "reviewer" not in values["staff_key"]:
        reasons.append(
            "NICHANDLE_STAFF_KEY lacks reviewer: who decides about lost access needs a security "
            "key."
        )
    return reasons
