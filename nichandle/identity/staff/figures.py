"""The figures that sentences name of this room, by its app: ``"staff.setup_link"``."""

from nichandle.identity.staff.people import SETUP_FOR

FIGURES = {"setup_link": SETUP_FOR}
