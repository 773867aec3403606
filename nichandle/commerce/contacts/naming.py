"""How somebody is named: read from its form alone, so that nobody's existence is told."""

from django.utils.translation import gettext_lazy as _

from nichandle.identity.handles.queries import keys_for
from nichandle.platform.kernel import addresses
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.wording import text


class NewcomerNotReadable(Refused):
    """Neither an identifier nor an address by its form; says nothing of whether it exists."""

    code = "contact.newcomer_not_readable"
    message = _("Enter a client identifier such as dm429850-OVH, or an e-mail address.")


def check(typed: str) -> str:
    """
    Return an identifier as typed, or an address as it will be written to.

    :raises NewcomerNotReadable: when it can be neither
    """
    written = text.clean(typed)
    if "@" in written:
        try:
            return addresses.check(written)
        except addresses.AddressNotValid as reason:
            raise NewcomerNotReadable from reason
    if not keys_for(written):
        raise NewcomerNotReadable
    return written
