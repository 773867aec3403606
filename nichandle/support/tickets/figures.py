"""The figures that sentences name of this room: ``"tickets.reopened"``."""

from nichandle.support.tickets import operations

FIGURES = {"reopened": operations.REOPENED_FOR}
