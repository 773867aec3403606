"""What counts as a proof: tests that run, and that are green only for the reason they name."""

import pytest

from nichandle.identity.emailchange.errors import ChangeCodeWrong
from tests.house.names import names_of
from tests.house.proofs import collected, expects
from tests.house.tree import ROOT, Module, import_all

MARK = "import pytest\n@pytest.mark."
IMPORT = "import pytest\nfrom nichandle.identity.emailchange.errors import ChangeCodeWrong\n"
THEIRS = (
    "import pytest\nfrom nichandle.identity.signup.operations import CreationCodeWrong\n"
    "ChangeCodeWrong = CreationCodeWrong\n"
)
SAYS = "def test_it():\n    "


def written(text: str, name: str = "test_made_up.py") -> Module:
    return Module(ROOT / "tests" / name, text)


@pytest.mark.parametrize(
    "text",
    [
        "def test_it():\n    assert 1",
        "class TestThis:\n    def test_it(self):\n        assert 1",
        f"{MARK}parametrize('x', [1])\ndef test_it(x):\n    assert x",
        f"{MARK}skipif(\"connection.vendor != 'postgresql'\")\ndef test_it():\n    assert 1",
        "def test_it(x):\n    if x:\n        pytest.skip('not here')\n    assert 1",
    ],
)
def test_a_test_that_runs_is_a_proof(text):
    assert "test_it" in collected(written(text))


@pytest.mark.parametrize(
    "text",
    [
        "# def test_it():\n#     assert 1",
        "'''\ndef test_it():\n    assert 1\n'''",
        f"{MARK}skip\ndef test_it():\n    assert 1",
        f"{MARK}skip(reason='later')\ndef test_it():\n    assert 1",
        f"{MARK}skipif(True, reason='later')\ndef test_it():\n    assert 1",
        f"{MARK}xfail\ndef test_it():\n    assert 1",
        f"{MARK}parametrize('x', [])\ndef test_it(x):\n    assert 1",
        "from pytest import mark\n@mark.skip\ndef test_it():\n    assert 1",
        "pytestmark = pytest.mark.skip\ndef test_it():\n    assert 1",
        "pytestmark = [pytest.mark.slow, pytest.mark.skip]\ndef test_it():\n    assert 1",
        "@pytest.mark.skip\nclass TestThis:\n    def test_it(self):\n        assert 1",
        "def test_it():\n    pytest.skip('later')\n    assert 1",
        "def test_it():\n    '''Says what it would do.'''",
        "def test_it():\n    return\n    assert 1",
        "def test_it():\n    pass",
        "def helper():\n    def test_it():\n        assert 1",
        "class Helper:\n    def test_it(self):\n        assert 1",
        "if False:\n    def test_it():\n        assert 1",
    ],
)
def test_a_test_that_does_not_run_is_none(text):
    assert "test_it" not in collected(written(text))


def test_a_test_in_a_file_that_pytest_does_not_open_is_none():
    assert collected(written("def test_it():\n    assert 1", "helpers.py")) == {}


def is_expected(text: str) -> bool:
    import_all()
    module = written(text)
    return expects(collected(module)["test_it"], names_of(module), ChangeCodeWrong)


@pytest.mark.parametrize(
    "text",
    [
        f"{IMPORT}{SAYS}with pytest.raises(ChangeCodeWrong):\n        act()",
        f"{IMPORT}{SAYS}with pytest.raises((KeyError, ChangeCodeWrong), match='x'):\n        act()",
        f"{IMPORT}{SAYS}with people(), pytest.raises(ChangeCodeWrong) as refused:\n        act()",
        f"{IMPORT}{SAYS}assert isinstance(outcome(), ChangeCodeWrong)",
        f"{IMPORT}{SAYS}assert str(ChangeCodeWrong.message) in said()",
        f"{IMPORT}{SAYS}sentence = str(ChangeCodeWrong.message)\n    assert sentence in said()",
        (
            "import pytest\nimport nichandle.identity.emailchange.errors as errors\n"
            f"{SAYS}with pytest.raises(errors.ChangeCodeWrong):\n        act()"
        ),
        (
            f"{IMPORT}{SAYS}for refusal, count in [(ChangeCodeWrong, 4), (KeyError, 1)]:\n"
            "        with pytest.raises(refusal):\n            act(count)"
        ),
        (
            f"{IMPORT}@pytest.mark.parametrize('refusal', [ChangeCodeWrong, KeyError])\n"
            "def test_it(refusal):\n    with pytest.raises(refusal):\n        act()"
        ),
        # Told by another module that has it from there.
        (
            "from nichandle.identity.emailchange.operations import ChangeCodeWrong as wrong\n"
            f"{SAYS}assert type(outcome()) is wrong"
        ),
    ],
)
def test_a_refusal_that_is_waited_for_is_expected(text):
    assert is_expected(text)


@pytest.mark.parametrize(
    "text",
    [
        f"{IMPORT}{SAYS}assert act()",
        f"{IMPORT}{SAYS}# with pytest.raises(ChangeCodeWrong):\n    assert act()",
        f"{IMPORT}{SAYS}ChangeCodeWrong()\n    assert act()",
        f"{IMPORT}{SAYS}assert not isinstance(outcome(), ChangeCodeWrong)",
        f"{IMPORT}{SAYS}assert str(ChangeCodeWrong.message) not in said()",
        f"{IMPORT}{SAYS}with pytest.raises(KeyError):\n        act(ChangeCodeWrong)",
        f"{IMPORT}{SAYS}for refusal in [ChangeCodeWrong]:\n        act(refusal)\n    assert done()",
        # Another room's, under the same name.
        f"{THEIRS}{SAYS}with pytest.raises(ChangeCodeWrong):\n        act()",
    ],
)
def test_a_refusal_that_is_only_named_is_not(text):
    assert not is_expected(text)
