"""Rules of the house that import-linter and Ruff cannot see, asked of the whole product."""

import pytest

from tests.house import doors, rows, rules, walls
from tests.house.names import modules
from tests.house.tree import product

RULES = (
    rows.relations_end_at_home,
    rows.rows_stay_home,
    rows.statements_stay_home,
    rules.domain_reads_no_clock,
    rules.small_is_a_number,
    rules.suppressions_say_why,
    walls.domain_knows_no_door,
    walls.imports_stand_on_top,
    walls.inside_a_room_imports_point_down,
    walls.only_libraries_are_put_off,
    walls.pages_are_private,
)
EXCEPTIONS = (
    (walls.domain_knows_no_door, doors.NAMED_DOORS),
    (walls.domain_knows_no_door, doors.DOMAIN_MAY),
    (walls.pages_are_private, doors.SHARED_FORMS),
    (rows.statements_stay_home, doors.READS_TABLES),
    (walls.imports_stand_on_top, doors.IMPORTS_BY_NAME),
    (rules.domain_reads_no_clock, doors.READS_THE_CLOCK),
)


def breaks_of(rule) -> list[str]:
    return [sentence for module in product() for sentence in rule(module)]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_product_keeps_the_rule(rule):
    breaks = breaks_of(rule)

    assert not breaks, "\n" + "\n".join(breaks)


def test_there_is_a_house_to_look_at():
    domain = [module for module in product() if not walls.is_door(module)]

    assert len(domain) > 150
    assert len(product()) - len(domain) > 50
    assert {module.part for module in product()} >= walls.HEIGHT.keys()


@pytest.mark.parametrize("word", doors.DOORS)
def test_every_kind_of_door_is_there(word):
    assert any(word in module.inside for module in product())


@pytest.mark.parametrize(
    ("rule", "listed", "name"),
    [(rule, listed, name) for rule, listed in EXCEPTIONS for name in listed],
)
def test_every_exception_is_needed_and_has_its_reason(rule, listed, name, monkeypatch):
    module = modules()[name if isinstance(name, str) else name[0]]
    assert len(listed[name].split()) > 3

    monkeypatch.delitem(listed, name)

    assert list(rule(module)) or breaks_of(rule), "nothing would break without it"
