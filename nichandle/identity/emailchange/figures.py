"""The figures that sentences name of this room: ``"emailchange.undo"``."""

from nichandle.identity.emailchange import clock, queries
from nichandle.identity.emailchange.outcome import undo

FIGURES = {
    # Only for mails of before that do not say it of their change: see ``clock.silence``.
    "silence": clock.SILENCE,
    "after_reminder": clock.AFTER_REMINDER,
    "after_proof": clock.AFTER_PROOF,
    "undo": clock.UNDO_FOR,
    "undo_code": undo.CODE_LIFETIME,
    "vetoes": queries.VETOES,
    "vetoes_in": queries.VETOES_IN,
}
