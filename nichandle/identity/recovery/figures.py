"""The figures that sentences name of this room: ``"recovery.link"``."""

from nichandle.identity.recovery import links, receivers

FIGURES = {
    "link": links.LINK_LIFETIME,
    "stopped": links.STOPPED_FOR,
    "given_back": receivers.GIVEN_BACK_FOR,
}
