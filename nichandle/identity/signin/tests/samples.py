"""What the mails of this room say: each case that a template tells apart."""

from tests.support.samples import CODE, IDENTIFIER, SECRET, Samples

_ACCOUNT = {"handle": IDENTIFIER}
_KEY = _ACCOUNT | {"name": "Grey key"}
_SEEN = {"new_browser": False, "new_network": False, "failures": 0}
_NOT_ME = {"not_me": SECRET}


def _with_and_without_link(**told: object) -> tuple[dict[str, object], ...]:
    """Who may contest it is given the link, a young recovery address is not."""
    return _ACCOUNT | told | _NOT_ME, _ACCOUNT | told


SAMPLES: Samples = {
    "signin/mail/code": _with_and_without_link(code=CODE),
    "signin/mail/code_elsewhere": _with_and_without_link(address="spare@example.net"),
    "signin/mail/code_used": (*_with_and_without_link(left=7), _ACCOUNT | {"left": 1}),
    "signin/mail/factor_added": _with_and_without_link(name="Grey key"),
    "signin/mail/factor_removed": (_KEY | _NOT_ME | {"last": True}, _KEY | {"last": False}),
    "signin/mail/key_cloned": _with_and_without_link(name="Grey key"),
    "signin/mail/key_moved": _with_and_without_link(name="Grey key"),
    "signin/mail/new_place": (
        _ACCOUNT | _NOT_ME | {"new_browser": True, "new_network": True, "failures": 4},
        _ACCOUNT | _SEEN | {"failures": 1},
        _ACCOUNT | _SEEN | {"new_browser": True},
        _ACCOUNT | _SEEN | {"new_network": True},
    ),
    "signin/mail/opening": (_ACCOUNT | {"secret": SECRET},),
    "signin/mail/opening_elsewhere": _with_and_without_link(
        addresses="a@example.net, b@example.net"
    ),
}
