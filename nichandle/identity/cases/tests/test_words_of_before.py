"""What a release before this one wrote in clear is sealed, or erased where its time is over."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps

from nichandle.identity.cases.keeping import sealing
from nichandle.identity.cases.models import Case, Objection, Review
from nichandle.identity.cases.review import places

pytestmark = pytest.mark.django_db
migration = import_module("nichandle.identity.cases.migrations.0004_sealed_words")


@pytest.fixture
def before(world):
    """A case as it was: its words in clear, one objection and one review."""
    world.open()
    case = world.case
    Objection.objects.create(
        case=case,
        by="address",
        deciding=True,
        who="a@example.org",
        words="No!",
        ip="192.0.2.1",
        at=world.now,
    )
    Review.objects.create(
        case=case, reviewer=world.reviewers[0], taken_at=world.now, words="Seems right."
    )
    return world


def stored() -> list[str]:
    return [Objection.objects.get().words, Review.objects.get().words]


def read(case: Case) -> list[str]:
    objection, review = Objection.objects.get(), Review.objects.get()
    return [
        sealing.words_of(case, objection.words, name=sealing.of_objection(objection)),
        sealing.words_of(case, review.words, name=sealing.of_review(review)),
    ]


def test_words_are_sealed_and_the_way_back_opens_them(before):
    migration.seal(apps, None)
    assert not {"No!", "Seems right."} & set(stored())
    assert read(before.case) == ["No!", "Seems right."]
    migration.unseal(apps, None)
    assert stored() == ["No!", "Seems right."]


def test_cases_that_had_no_key_get_one(before):
    Case.objects.update(key=None, secret_digest=None, kind="not_me")
    migration.seal(apps, None)

    assert before.case.key is not None
    assert read(before.case) == ["No!", "Seems right."]


@pytest.mark.parametrize("how", ["erased", "decided long ago", "withdrawn"])
def test_what_belongs_to_no_key_any_more_is_erased(before, how):
    Case.objects.update(key=None)
    if how != "erased":
        Case.objects.update(secret_digest=None)
    if how == "decided long ago":
        Case.objects.update(decided_at=before.now - timedelta(days=31))
    if how == "withdrawn":
        Case.objects.update(state="withdrawn", ended_at=before.now)
    migration.seal(apps, None)

    assert stored() == ["", ""]
    assert (Objection.objects.get().who, Objection.objects.get().ip) == ("", None)
    assert before.case.key is None


def test_a_review_of_before_is_lost_three_working_days_after_it_was_taken(before):
    assert places.held(before.case, now=before.now)
    assert not places.held(before.case, now=before.now + timedelta(days=7))
