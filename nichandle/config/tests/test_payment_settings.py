"""Production takes real money only."""

import pytest

from nichandle.config.options import SettingWrong, read
from nichandle.config.production import refuse_unsafe

PRODUCTION = {
    "NICHANDLE_MODE": "production",
    "NICHANDLE_BASE_URL": "https://area.example.com",
    "NICHANDLE_MAIL_URL": "smtps://mail.example.com",
    "NICHANDLE_MAIL_FROM": "a@example.com",
    "NICHANDLE_BRAND": "A",
    "NICHANDLE_SUFFIX": "AB",
}


def start(**more):
    found = read(PRODUCTION | more)
    refuse_unsafe(found.values, given=found.given, base_url="https://area.example.com")
    return found.values


def test_it_starts_without_any_word_of_payments():
    assert start()["payment_means"] == ("stripe", "transfer", "test")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"NICHANDLE_PAYMENT_MEANS": "transfer,test"}, "without money"),
        ({"NICHANDLE_STRIPE_URL": "http://127.0.0.1:1"}, "stand-in"),
        ({"NICHANDLE_STRIPE_KEY": "rk_live_1"}, "give both"),
        ({"NICHANDLE_STRIPE_WEBHOOK_SECRET": "whsec_1"}, "give both"),
        ({"NICHANDLE_PAYMENT_MEANS": "paypal"}, "means"),
        ({"NICHANDLE_PAYMENT_MEANS": "transfer,transfer"}, "once"),
        ({"NICHANDLE_DELIVERY_URL": "https://a.example.com/"}, "NICHANDLE_DELIVERY_SECRET beside"),
        (
            {
                "NICHANDLE_DELIVERY_URL": "https://a.example.com/",
                "NICHANDLE_DELIVERY_SECRET": "s" * 23,
            },
            "24 characters",
        ),
        ({"NICHANDLE_DELIVERY_URL": "https://a:b@a.example.com/"}, "DELIVERY_URL"),
    ],
)
def test_it_refuses_what_would_give_things_away(given, said):
    with pytest.raises(SettingWrong, match=said):
        start(**given)
