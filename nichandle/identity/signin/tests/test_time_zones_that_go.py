"""A time zone that the machine has forgotten keeps nobody out, and mails leave."""

import pytest
from django.utils import timezone

from nichandle.identity.accounts.letterhead import write
from nichandle.identity.accounts.models import Account
from nichandle.platform.kernel.act import Act
from nichandle.platform.outbox.rendering import message

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["Mars/Olympus_Mons", "../../etc/passwd", "Europe"])
def test_pages_and_mails_tell_times_as_the_operators_clock_does(customer, name):
    browser = customer.sign_in()
    Account.objects.update(time_zone=name)

    for page in ("/area", "/account/sessions", "/account/ledger", "/account/edit"):
        assert browser.get(page).status_code == 200, page
    account = Account.objects.get()
    [mail] = write(account, "signin/mail/password_changed", act=Act.by_itself(timezone.now()))
    assert message(mail).data
    assert browser.post("/signout").status_code == 302
