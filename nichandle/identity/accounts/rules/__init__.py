"""The rules of the details form: data by country and kind, serving page, server and API alike."""

from nichandle.identity.accounts.rules.catalogue import KIND_LABELS, KINDS, LABELS, rules_for
from nichandle.identity.accounts.rules.model import FieldRule
from nichandle.identity.accounts.rules.validation import validate

__all__ = ["KINDS", "KIND_LABELS", "LABELS", "FieldRule", "rules_for", "validate"]
