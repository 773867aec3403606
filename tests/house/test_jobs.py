"""What is queued is registered, and what is registered as a task is queued by somebody."""

import re

import pytest
from django.apps import apps
from django.db.models import CheckConstraint, Q
from django.utils import timezone

from nichandle.platform.jobs.operations import earliest
from nichandle.platform.jobs.registry import DUE, PERIODIC, PUMPS, TASKS
from tests.house.tree import import_all, product, with_more
from tests.house.work import queued, queues_what_exists

ASKING = "commerce/contacts/requests/asking.py"
FROM = "from nichandle.platform.jobs"


@pytest.fixture(autouse=True)
def _everything_is_registered():
    import_all()


def test_every_job_that_is_queued_exists():
    registered = {*TASKS, *PERIODIC}
    breaks = [
        sentence for module in product() for sentence in queues_what_exists(module, registered)
    ]

    assert not breaks, "\n" + "\n".join(breaks)


@pytest.mark.django_db
def test_every_round_of_the_worker_tells_when_it_is_due():
    """What a statement names exists: it runs, and its states are states of its table."""
    assert PUMPS.keys() == DUE.keys()
    statements = [statement for name in PUMPS for statement in DUE[name]]
    assert all(DUE.values())
    assert earliest(statements, now=timezone.now()) == [None] * len(statements)
    models = {model._meta.db_table: model for model in apps.get_models()}
    for statement in statements:
        model = models[re.search(r"FROM (\w+)", statement)[1]]
        if named := set(re.findall(r"'(\w+)'", statement)):
            assert named <= states_of(model)


def states_of(model):
    """Return the states that a row can have: by the field's choices or the table's check."""
    if choices := model._meta.get_field("state").choices:
        return {value for value, _words in choices}
    checks = [one.condition for one in model._meta.constraints if isinstance(one, CheckConstraint)]
    return {value for condition in checks for value in states_in(condition)}


def states_in(condition):
    if isinstance(condition, Q):
        return [value for child in condition.children for value in states_in(child)]
    name, value = condition
    return {"state": [value], "state__in": value}.get(name, [])


def test_every_task_is_queued_by_somebody():
    names = {name for module in product() for _line, name in queued(module)}

    assert names
    assert TASKS.keys() - names == set()


@pytest.mark.parametrize(
    "more",
    [
        "enqueue('contacts.snd', {}, now=now)",
        "enqueue(name='contacts.snd', now=now)",
        f"{FROM}.operations import enqueue as later\nlater('contacts.snd', now=now)",
        f"{FROM} import operations as jobs\njobs.enqueue('contacts.snd', now=now)",
        f"{FROM} import operations\noperations.enqueue('contacts.snd', now=now)",
        "import nichandle\nnichandle.platform.jobs.operations.enqueue('contacts.snd', now=now)",
        "later = enqueue\nlater('contacts.snd', now=now)",
        # Names that are put together, or handed on, are names that nobody can look up.
        "enqueue(f'contacts.{which}', now=now)",
        "from functools import partial\nlater = partial(enqueue, 'contacts.send')",
        # A round of the worker is nobody's to queue.
        "enqueue('contacts.due', now=now)",
    ],
)
def test_a_job_that_does_not_exist_is_noticed(more):
    assert list(queues_what_exists(with_more(ASKING, more), {*TASKS, *PERIODIC}))


@pytest.mark.parametrize("name", ["contacts.send", "signin.clear_ended"])
def test_a_task_and_what_is_done_periodically_may_be_queued(name):
    module = with_more(ASKING, f"enqueue('{name}', now=now)")

    assert not list(queues_what_exists(module, {*TASKS, *PERIODIC}))
