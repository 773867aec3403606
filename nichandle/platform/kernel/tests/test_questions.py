"""Questions: the same rows as Django's query gives, in one round trip, however often asked."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from nichandle.commerce.services.models import Role, Service
from nichandle.identity.accounts.models import Account
from nichandle.platform.kernel.database import is_postgresql
from nichandle.platform.kernel.reading.questions import answered, ask, question
from tests.support.people import MakeService, Person

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 30)


@question
def people(account_id: UUID, since: datetime) -> QuerySet[Account]:
    rows = Account.objects.select_related("handle").filter(pk=account_id, created_at__gt=since)
    return rows.annotate(roles=Count("handle")).order_by("created_at")


@question
def roles(account_id: UUID, day: date | None, name: str) -> QuerySet[Role]:
    rows = Role.objects.select_related("service").filter(account_id=account_id)
    if day is not None:
        rows = rows.filter(Q(expiry_date__gt=day) | Q(expiry_date=None))
    return rows.exclude(name_folded=name).order_by("role")[:3]


@question
def names(number: int) -> QuerySet[Service, tuple[int, str, datetime]]:
    owned = Role.objects.filter(service=OuterRef("pk"), role="owner")
    rows = Service.objects.filter(Exists(owned), pk__gte=number).order_by("pk")
    return rows.values_list("pk", "name", "created_at")


@question
def numbers(name: str) -> QuerySet[Service, int]:
    return Service.objects.filter(name=name).values_list("pk", flat=True)


def test_a_question_is_answered_as_djangos_query_is(
    customer: Person, stranger: Person, make_service: MakeService
) -> None:
    since = datetime(2020, 1, 1, tzinfo=UTC)
    service = make_service("one.example", expiry_date=TODAY + timedelta(days=9))
    for person in (customer, stranger, customer):
        pk = person.account.pk
        (found,) = answered(people(pk, since))
        assert found == Account.objects.get(pk=pk)
        assert vars(found)["created_at"] == person.account.created_at
        assert found.handle_text == person.handle
        assert found.roles == 1
        assert answered(people(pk, since=datetime(2100, 1, 1, tzinfo=UTC))) == []
        mine = pk == customer.account.pk
        for day in (None, TODAY, TODAY + timedelta(days=10), None):
            shown = answered(roles(pk, day, "other.example"))
            late = day is not None and day > TODAY
            assert [row.role for row in shown] == (
                ["administrator", "billing", "owner"] if mine and not late else []
            )
            assert all(row.service == service for row in shown)
        assert answered(roles(pk, None, "one.example")) == []
    assert answered(names(service.pk)) == [(service.pk, "one.example", service.created_at)]
    assert answered(numbers("one.example")) == [service.pk]
    assert answered(numbers("'; --\x01 %s")) == []


def test_questions_go_together_in_one_message(
    customer: Person, make_service: MakeService, django_assert_num_queries: Any
) -> None:
    make_service("one.example")
    for _ in range(3):
        asked = (
            people(customer.account.pk, datetime(2020, 1, 1, tzinfo=UTC)),
            roles(customer.account.pk, None, "").then(len),
            names(0),
        )
        with django_assert_num_queries(1 if is_postgresql() else len(asked)):
            ask(*asked)
            assert asked[0].answer[0].handle_text == customer.handle
        assert asked[1].answer == 3


def test_what_was_not_asked_has_no_answer() -> None:
    with pytest.raises(AttributeError):
        _ = numbers("x").answer


def test_a_query_that_reckons_with_an_argument_is_refused() -> None:
    @question
    def later(moment: datetime) -> QuerySet[Service]:
        return Service.objects.filter(created_at__gt=moment - timedelta(days=1))

    @question
    def few(count: int) -> QuerySet[Service]:
        return Service.objects.all()[:count]

    @question
    def containing(name: str) -> QuerySet[Service]:
        return Service.objects.filter(name__contains=name)

    @question
    def several(numbers: list[int]) -> QuerySet[Service]:
        return Service.objects.filter(pk__in=numbers)

    for build, given in (
        (later, datetime(2026, 1, 1, tzinfo=UTC)),
        (few, 3),
        (containing, "x"),
        (several, [1]),
    ):
        with pytest.raises(TypeError):
            build(given)  # type: ignore[operator]  # each takes its own


def test_a_query_is_built_once() -> None:
    built = []

    @question
    def one(number: int) -> QuerySet[Service]:
        built.append(number)
        return Service.objects.filter(pk=number)

    for number in range(5):
        assert answered(one(number)) == []
    assert len(built) == 2, "twice with values that stand for its argument"
    assert not set(built) & set(range(5))
