"""Sending what is due."""

from nichandle.platform.outbox import (
    delivery,
)

CODE = "BCDF-GHJK"


def deliver(at) -> int:
    return delivery.deliver(lambda: at)
