"""The figures that sentences name of this room: ``"notme.link"``."""

from nichandle.identity.notme.operations import LIFETIME

FIGURES = {"link": LIFETIME}
