"""Tells the worker of this room's round."""

from nichandle.outbox import delivery

__all__ = ["delivery"]
