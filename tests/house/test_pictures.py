"""The pictures: few in git, each shown by a document; and pages that are wrong are noticed."""

import sys

import pytest
from playwright.sync_api import sync_playwright

from tests.house.tree import ROOT, kept_files

sys.path.insert(0, str(ROOT / "script" / "lib"))
import pictures

ENGLISH = "Sign in to your account. Enter the code that we sent you; it is valid for 10 minutes."
FRENCH = "Connectez-vous à votre compte. Saisissez le code reçu ; il est valable 10 minutes."


def test_few_pictures_are_kept_and_a_document_shows_each():
    kept = {path.name for path in kept_files() if path.parent == pictures.KEPT}
    if not kept_files():
        pytest.skip("this is no git checkout")

    assert kept
    assert len(kept) <= 15
    assert kept == pictures.shown()


def test_no_picture_is_kept_elsewhere():
    assert [
        path for path in kept_files() if path.suffix == ".png" and path.parent != pictures.KEPT
    ] == []


@pytest.mark.parametrize(("text", "language"), [(ENGLISH, "en"), (FRENCH, "fr"), ("", "")])
def test_the_language_of_a_page_is_told_by_its_words(text, language):
    assert pictures.language_of(text) == language


def look(wide: int = 360, declared: str = "en", text: str = ENGLISH) -> pictures.Look:
    return pictures.Look(wide=wide, declared=declared, text=text)


def test_a_page_that_fits_and_speaks_its_language_is_right():
    assert pictures.faults(look(), language="en", width=360) == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (look(wide=361), "it is 361 px wide"),
        (look(declared="fr"), "it says that its language is “fr”"),
        (look(text=FRENCH), "its words are of “fr”"),
        (look(text="429 850"), "its words are of “”"),
    ],
)
def test_a_page_that_is_too_wide_or_in_another_language_is_noticed(wrong, said):
    assert pictures.faults(wrong, language="en", width=360) == [said]


@pytest.mark.browser
def test_a_camera_names_the_page_its_width_and_its_language(tmp_path, monkeypatch):
    """The real browser shows a page that is too wide and French under an English name."""
    monkeypatch.setattr(pictures, "TARGET", tmp_path)
    wide = f'<html lang="fr"><body><p style="width: 500px">{FRENCH}</p></body></html>'
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=pictures.FLAGS)
        camera = next(pictures.cameras(browser, "en"))
        camera.page.set_viewport_size({"width": 360, "height": 800})
        camera.width = 360
        camera.page.set_content(wide)
        camera.shoot("account")
        browser.close()

    assert len(list(tmp_path.glob("account.en.*.png"))) == 1
    assert len(camera.wrong) == 3
    assert all(line.startswith("account, 360 px, en: ") for line in camera.wrong)
    assert any("wide" in line for line in camera.wrong)


@pytest.mark.parametrize(
    ("wrong", "code"), [([], 0), (["account, 360 px, en: it is 400 px wide"], 1)]
)
def test_a_fault_fails_the_command_and_is_named(wrong, code, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["pictures.py", "--language", "en"])
    monkeypatch.setattr(pictures, "take_all", lambda languages: list(wrong))

    assert pictures.main() == code
    assert capsys.readouterr().err.splitlines() == wrong


def test_what_documents_show_is_kept_and_all_else_goes(tmp_path):
    taken, kept = tmp_path / "taken", tmp_path / "kept"
    taken.mkdir()
    kept.mkdir()
    shown, *lacking = sorted(pictures.shown())
    (taken / shown).write_bytes(b"new")
    (taken / "nobody-shows-me.png").write_bytes(b"new")
    (kept / "nobody-shows-me.png").write_bytes(b"old")

    complaints = pictures.keep(taken, kept)

    assert {path.name: path.read_bytes() for path in kept.iterdir()} == {shown: b"new"}
    assert [line.split()[0] for line in complaints] == lacking
