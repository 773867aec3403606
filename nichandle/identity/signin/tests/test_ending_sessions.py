"""The operator ends sessions, of one customer or of everybody (ASVS 5.0, 7.4.5)."""

import pytest
from django.core.management import CommandError, call_command

from nichandle.identity.signin.sessions import ending
from nichandle.platform.audit.models import Entry

pytestmark = pytest.mark.django_db


def entries(person) -> int:
    ended = Entry.objects.filter(act="signin.ended_by_operator")
    return ended.filter(account_id=person.account.pk).count()


def test_the_operator_signs_one_customer_out(customer, stranger, capsys):
    mine, other = customer.sign_in(), stranger.sign_in()

    call_command("sessions", "end", customer.handle)

    assert "Signed out." in capsys.readouterr().out
    assert mine.get("/area").status_code == 302
    assert other.get("/area").status_code == 200
    assert (entries(customer), entries(stranger)) == (1, 0)
    call_command("sessions", "end", customer.handle)
    assert "No session was open." in capsys.readouterr().out
    assert entries(customer) == 1


def test_the_operator_signs_everybody_out(customer, stranger, capsys, monkeypatch):
    monkeypatch.setattr(ending, "ENDED_AT_ONCE", 1)
    browsers = [customer.sign_in(), stranger.sign_in()]

    call_command("sessions", "end", "--everybody")

    assert "2 accounts are signed out." in capsys.readouterr().out
    assert all(browser.get("/area").status_code == 302 for browser in browsers)
    assert (entries(customer), entries(stranger)) == (1, 1)


def test_a_mistyped_identifier_ends_nothing(customer):
    browser = customer.sign_in()
    with pytest.raises(CommandError, match="There is no account"):
        call_command("sessions", "end", "zz999999-OVH")
    assert browser.get("/area").status_code == 200
