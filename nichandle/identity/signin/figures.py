"""The figures that sentences name of this room: ``"signin.opening"``."""

from nichandle.identity.signin.authentication import challenges, openings
from nichandle.identity.signin.recognition import networks

FIGURES = {
    "code": challenges.LIFETIME,
    "opening_link": openings.LINK_LIFETIME,
    "opening": openings.OPEN_FOR,
    "rules_suspended": networks.SUSPENDED_FOR,
}
