"""Signals carry what their receivers ask for: no type says so, and it breaks when one is sent."""

import ast
import inspect

import pytest
from django.dispatch import Signal

from nichandle.commerce.invoices.signals import issued
from nichandle.commerce.payments.signals import refunded, settled, unsettled
from nichandle.identity.cases.signals import effected
from nichandle.identity.emailchange.signals import changed, contested
from nichandle.identity.notme.signals import disowned
from nichandle.identity.signin.signals import password_changed
from tests.house.names import names_of
from tests.house.test_joints import signals
from tests.house.tree import PACKAGE, product

SIGNALS = {
    "invoices.signals.issued": issued,
    "payments.signals.settled": settled,
    "payments.signals.unsettled": unsettled,
    "payments.signals.refunded": refunded,
    "notme.signals.disowned": disowned,
    "cases.signals.effected": effected,
    "emailchange.signals.changed": changed,
    "emailchange.signals.contested": contested,
    "signin.signals.password_changed": password_changed,
}
UNHEARD = {"invoices.signals.issued"}
"""Nobody listens yet: reminders and the API will."""


def sent_with(signal: str) -> list[set[str]]:
    """Return the keywords of every sending of a signal, by its dotted name."""
    return [
        {one.arg for one in node.keywords if one.arg} - {"sender"}
        for module in product()
        for names in [names_of(module)]
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "send"
        and names.resolve(node.func.value) == signal
    ]


def asked_for(signal: Signal) -> list[tuple[str, set[str]]]:
    """Return each receiver of a signal with the arguments that it cannot do without."""
    return [
        (
            receiver.__qualname__,
            {
                name
                for name, parameter in inspect.signature(receiver).parameters.items()
                if parameter.kind is parameter.KEYWORD_ONLY and parameter.default is parameter.empty
            },
        )
        for receiver in signal._live_receivers(None)[0]
    ]


def test_no_signal_is_left_out():
    assert signals(list(product())) == set(SIGNALS)


@pytest.mark.parametrize(("name", "signal"), SIGNALS.items())
def test_every_receiver_is_sent_what_it_asks_for(name, signal):
    """No type says so: a receiver takes its arguments by name, when the signal comes."""
    room = name.partition(".")[0]
    wing = "identity" if (PACKAGE / "identity" / room).is_dir() else "commerce"
    sendings, receivers = sent_with(f"nichandle.{wing}.{name}"), asked_for(signal)

    assert sendings
    assert bool(receivers) != (name in UNHEARD)
    for receiver, asked in receivers:
        assert asked
        for sent in sendings:
            assert asked <= sent, f"{receiver} asks for {asked - sent}, which {name} does not send"
