"""The figures that sentences name of this room: ``"recovery.link"``."""

from nichandle.identity.recovery import links, not_me, receivers

FIGURES = {
    "link": links.LINK_LIFETIME,
    "stopped": links.STOPPED_FOR,
    "contested": not_me.ONE_EFFECT_IN,
    "given_back": receivers.GIVEN_BACK_FOR,
}
