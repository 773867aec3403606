"""The figures that sentences name of this room: ``"contacts.request"``."""

from nichandle.commerce.contacts.clock import LIFETIME as REQUEST
from nichandle.commerce.contacts.disputes.operations import LINK_LIFETIME as DISPUTE

FIGURES = {"request": REQUEST, "dispute": DISPUTE}
