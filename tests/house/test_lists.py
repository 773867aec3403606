"""Refusals, acts, limits, jobs, settings: what is used is listed, and the other way round."""

import ast
import re
from typing import get_args, get_type_hints

import pytest
from django.core.management import call_command
from django.utils.translation import override

from nichandle.commerce.services import permissions
from nichandle.commerce.services.words import RANKED, ROLES, RoleName
from nichandle.config import reference
from nichandle.config.options import OPTIONS
from nichandle.identity.cases import kinds as cases
from nichandle.identity.pauses import acts as sensitive
from nichandle.identity.pauses import operations as pauses
from nichandle.platform.audit import operations as audit
from nichandle.platform.audit.acts import ACTS, LedgerAct
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.wording.languages import known
from nichandle.platform.limits import operations as limits
from nichandle.platform.limits.catalogue import CATALOGUE, LimitName
from nichandle.sites.area import ledger
from tests.house.tree import PACKAGE, ROOT, called, product

CODE = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")


def test_every_refusal_has_a_code_of_its_own():
    codes = [refusal.code for refusal in reference.refusals()]

    assert len(codes) > 5
    assert all(CODE.fullmatch(code) for code in codes), codes
    assert len(set(codes)) == len(codes), sorted(code for code in codes if codes.count(code) > 1)


def test_a_refusal_without_a_code_is_only_the_parent_of_others():
    assert len(reference.refusals()) > 50
    without = [
        child.__name__
        for child in reference._descendants(Refused)
        if not hasattr(child, "code") and not child.__subclasses__()
    ]

    assert not without


def test_a_refusal_is_a_whole_sentence_in_every_language():
    assert len(reference.refusals()) > 50
    for refusal in reference.refusals():
        for language in known():
            with override(language):
                sentence = str(refusal.message)
            assert sentence.endswith((".", "?", ")s")), f"{refusal.code} in {language}: {sentence}"
            assert sentence[0].isupper() or sentence[0] in "«%", f"{refusal.code}: {sentence}"


def texts_outside(module: str) -> set[str]:
    """Return every text that stands in the product, but for the module that lists it."""
    return {
        node.value
        for each in product()
        if each.name != module
        for node in ast.walk(each.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


@pytest.mark.parametrize(
    ("listed", "names", "module"),
    [
        (ACTS, LedgerAct, "nichandle.platform.audit.acts"),
        (CATALOGUE, LimitName, "nichandle.platform.limits.catalogue"),
        (sensitive.SENSITIVE, sensitive.SensitiveAct, "nichandle.identity.pauses.acts"),
        (sensitive.CAUSES, sensitive.CauseName, "nichandle.identity.pauses.acts"),
    ],
)
def test_a_closed_list_is_its_type_and_each_of_its_names_is_used(listed, names, module):
    """That nothing else is used is what mypy says: the operations take this type."""
    assert len(listed) > 3
    assert set(get_args(names)) == set(listed)
    assert set(listed) - texts_outside(module) == set(), "listed, and said nowhere"


@pytest.mark.parametrize(
    ("listed", "names"),
    [
        (permissions.PERMISSIONS, permissions.ServiceAction),
        (ROLES, RoleName),
        (RANKED, RoleName),
        (permissions.CONTACT, RoleName),
        (cases.KINDS, cases.CaseKind),
        (cases.REASONS, cases.RefusalReason),
        (cases.METHODS, cases.ReviewMethod),
    ],
)
def test_a_closed_list_that_people_choose_from_is_its_type(listed, names):
    assert set(get_args(names)) == set(listed)


def test_the_operations_take_the_closed_types():
    taken = {
        operation: get_type_hints(operation)[name]
        for operation, name in (
            (audit.record, "name"),
            (audit.recording, "name"),
            (audit.NewEntry, "act"),
            (limits.spend, "name"),
            (limits.spending, "name"),
            (limits.left, "name"),
            (limits.reset, "name"),
            (limits.forgetting, "name"),
            (pauses.require, "act"),
            (pauses.begin, "cause"),
            (permissions.require, "action"),
            (permissions.allows, "action"),
        )
    }

    closed = (LedgerAct, LimitName, sensitive.SensitiveAct, sensitive.CauseName)
    assert set(taken.values()) == {*closed, permissions.ServiceAction}


def test_every_act_is_dotted_and_has_its_sentence_in_both_languages():
    assert ACTS
    for act, sentence in ACTS.items():
        assert CODE.fullmatch(act)
        with override("en"):
            english = str(sentence)
        with override("fr"):
            assert english, act
            assert str(sentence), act


RECORDING = {"record", "recording", "NewEntry", "tell_ledgers"}
AROUND = {"account_id", "act", "now", "end", "everybody", "entry"}


def details_recorded() -> set[str]:
    """Return the names under which acts enter their details in the ledger."""
    names = set()
    for module in product():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and called(node) in RECORDING and node.args:
                named = {one.arg for one in node.keywords if one.arg}
                # ``by`` of a service's act is who did it: they are told as the actor.
                names |= named - AROUND - ({"by"} if called(node) == "tell_ledgers" else set())
                for part in node.args:
                    if isinstance(part, ast.Dict):
                        names |= {one.value for one in part.keys if isinstance(one, ast.Constant)}
    return names


def test_every_detail_of_the_ledger_has_its_words():
    said = ledger.WORDS.keys() | ledger.LABELLED.keys() | ledger.FREE | ledger.COUNTED
    recorded = details_recorded()

    assert {"old", "new", "count", "reason"} <= recorded
    assert recorded - said - ledger.SEEN_ELSEWHERE == set(), "no words in area/ledger.py"


def test_every_limit_says_what_it_counts():
    assert CATALOGUE
    for limit in CATALOGUE.values():
        assert limit.count > 0
        assert limit.window.total_seconds() > 0
        assert limit.key
        assert limit.why


@pytest.mark.parametrize("page", ["settings.md", "reference.md"])
def test_the_operators_pages_are_up_to_date(page, tmp_path):
    call_command("docs", folder=tmp_path, verbosity=0)

    kept = ROOT / "docs" / "operators" / page
    assert kept.is_file(), "run `nichandle docs`"
    assert kept.read_text("utf-8") == (tmp_path / page).read_text("utf-8"), "run `nichandle docs`"


DECLARED = re.compile(r"^(NICHANDLE_\w+): .*OPTIONS.*$", re.MULTILINE)


def test_every_setting_is_described_and_used():
    code = "\n".join(
        # Passing a setting on is not using it.
        DECLARED.sub("", module.text) if module.name == "nichandle.config.settings" else module.text
        for module in product()
        if module.name != "nichandle.config.options"
    )
    assert OPTIONS
    assert DECLARED.search((PACKAGE / "config" / "settings.py").read_text("utf-8"))
    for option in OPTIONS:
        assert option.sentence.endswith("."), option.name
        used = re.search(rf"\b{option.name}\b|[\"']{option.key}[\"']", code)
        assert used, f"{option.name} is read by nobody"


def test_every_setting_that_is_used_is_listed():
    known = {option.name for option in OPTIONS} | {"NICHANDLE_MENU", "NICHANDLE_TEST_DATABASE_URL"}
    used = {
        (name, module.where)
        for module in product()
        for name in re.findall(r"\bsettings\.(NICHANDLE_[A-Z_]+)", module.text)
    }

    assert used
    assert {(name, where) for name, where in used if name not in known} == set()
