"""Mailed codes: made and compared in one place, and good across an upgrade."""

import ast

from django.apps import apps
from django.db.models import Model

from nichandle.platform.kernel.codes import MailedCode
from tests.house.tree import called, product

# What the digests in the database are bound to: changed, codes on their way fit no longer.
PURPOSES = {
    "accounts.RecoveryAddress.code": "recovery address 5 3",
    "cases.Case.code": "case 5 3",
    "emailchange.Change.code": "email change 5 3",
    "emailchange.Change.proof_code": "proof of email change 5 3",
    "emailchange.Change.undo_code": "undo of email change 5 3",
    "pauses.Pause.code": "pause 5 3",
    "signin.Challenge.code": "signin 5 3",
    "signup.Creation.code": "signup 5 3",
}


def mailed_codes() -> dict[str, tuple[type[Model], str]]:
    return {
        f"{model._meta.label}.{name}": (model, name)
        for model in apps.get_models()
        if model._meta.managed
        for name, value in vars(model).items()
        if isinstance(value, MailedCode)
    }


def test_every_mailed_code_is_bound_to_what_it_was_bound_to_before():
    found = {}
    for label, (model, name) in mailed_codes().items():
        columns = getattr(model, name)
        row = model(**{columns.owner: 5, columns.sent: 3})
        found[label] = getattr(row, name).purpose

    assert found == PURPOSES


def test_every_mailed_code_has_its_columns():
    for label, (model, name) in mailed_codes().items():
        columns = getattr(model, name)
        named = {columns.digest, columns.expires_at, columns.sent}
        assert named <= {field.name for field in model._meta.get_fields()}, label
        assert columns.owner == "pk" or model._meta.get_field(columns.owner).unique, label


BY_HAND = {"mint_code", "normalise_code", "code_digest", "code_digests"}


def works_by_hand(tree: ast.Module) -> bool:
    return any(
        (isinstance(node, ast.Call) and called(node) in BY_HAND)
        or (isinstance(node, ast.ImportFrom) and BY_HAND & {each.name for each in node.names})
        for node in ast.walk(tree)
    )


def test_codes_are_made_and_compared_in_one_place():
    """Who hashes or compares one by hand has to think of its end, its owner and its use alone."""
    # Recovery codes are kept on paper: they have no end, and outlive a change of the secret.
    assert {module.name for module in product() if works_by_hand(module.tree)} == {
        "nichandle.platform.kernel.codes",
        "nichandle.platform.kernel.tokens",
        "nichandle.identity.factors.recovery_codes",
    }
