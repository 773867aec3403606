"""The figures that sentences name of this room: ``"contacts.request"``."""

from nichandle.commerce.contacts.disputes.operations import LINK_LIFETIME as DISPUTE
from nichandle.commerce.contacts.requests.asking import LIFETIME as REQUEST

FIGURES = {"request": REQUEST, "dispute": DISPUTE}
