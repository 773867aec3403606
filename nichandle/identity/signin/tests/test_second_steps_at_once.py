"""Two second steps at the same moment."""

import threading

import pytest
from django.db import connection
from django.utils import timezone

from nichandle.identity.factors.answers import Answer
from nichandle.identity.signin.authentication import second_step
from nichandle.identity.signin.authentication.challenges import StepGone
from nichandle.identity.signin.authentication.second_step import FactorWrong
from nichandle.identity.signin.sessions.opening import Visit
from nichandle.identity.signin.tests.second_steps import a_browser, half_way
from nichandle.platform.kernel.origin import Origin
from tests.support.people import app_code, set_up_app

pytestmark = pytest.mark.django_db


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("method", ["app", "code"])
def test_two_at_once_with_one_code_and_one_gets_in(customer, method):
    seed, codes = set_up_app(customer, days_ago=30)
    code = codes[0] if method == "code" else app_code(seed)
    browsers = [half_way(customer, a_browser(HTTP_USER_AGENT=f"n{n}")) for n in range(4)]
    secrets = [browser.cookies["step"].value for browser in browsers]
    outcomes, start = [], threading.Barrier(len(secrets))

    def enter(secret: str) -> None:
        start.wait()
        try:
            visit = Visit(Origin("203.0.113.7", secret[:8]), timezone.now())
            second_step.give_factor(secret, Answer(method, code), visit, trust=False)
            outcomes.append("in")
        except (FactorWrong, StepGone) as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=enter, args=[secret]) for secret in secrets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["in", *["signin.factor_wrong"] * 3]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_guesses_made_at_once_are_all_counted(customer, origin):
    set_up_app(customer, days_ago=30)
    secrets = [half_way(customer, a_browser()).cookies["step"].value for _ in range(16)]
    outcomes, start = [], threading.Barrier(len(secrets))

    def guess(secret: str) -> None:
        start.wait()
        try:
            visit = Visit(origin, timezone.now())
            second_step.give_factor(secret, Answer("app", "000000"), visit, trust=False)
        except Exception as refusal:  # noqa: BLE001 - whatever it is, it is compared below
            outcomes.append(getattr(refusal, "code", repr(refusal)))
        finally:
            connection.close()

    threads = [threading.Thread(target=guess, args=[secret]) for secret in secrets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert outcomes.count("signin.factor_wrong") == 10, outcomes
    assert outcomes.count("limits.exhausted") == 6, outcomes
