"""Who lost their address gets the account back: two reviewers, 72 hours, a new password."""

import io
import re
import time
from collections.abc import Callable

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.journeys.axe import findings
from tests.journeys.installation import Product
from tests.journeys.keys import plug_in
from tests.journeys.people import WORDS, create_account, fits, new_address

pytestmark = pytest.mark.browser

NEW_PASSWORD = "violette carafe quai matin"
Look = Callable[[Page], list[str]]


def unseen(_page: Page) -> list[str]:
    """Leave a page to the test that looks at it with axe: once for a width, scheme and language."""
    return []


def paper(width: int = 900) -> dict[str, object]:
    """Return a picture as a telephone takes it, for the file field."""
    out = io.BytesIO()
    Image.new("RGB", (width, 600), "lightsteelblue").save(out, "JPEG")
    return {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def file_case(page: Page, product: Product, handle: str, new: str, look: Look = unseen) -> str:
    """Go through the four steps of the procedure; return the number of the case."""
    page.goto("/signin")
    page.get_by_role("link", name="Identifiant ou mot de passe perdu").click()
    page.goto("/procedure")
    page.locator("input[name=kind][value=address_lost]").check()
    page.locator("#id_typed").fill(handle)
    page.locator("#id_address").fill(new)
    page.get_by_role("button", name="Recevoir mon code").click()
    mail = product.mail(new, "cases/mail/code", "Votre code pour la nouvelle adresse")
    found = look(page)
    page.locator("#id_code").fill(mail.code)
    page.get_by_role("button", name="Valider").click()
    found += look(page)
    page.locator("input[name=holder][value=individual]").check()
    page.locator("#id_words").fill("Mon fournisseur a fermé. Joignable au 03 20 00 00 00.")
    page.get_by_role("button", name="Continuer").click()
    for item in ("identity", "address_proof"):
        page.locator(f"#id_{item}_paper").set_input_files(paper())
        page.locator(f"form:has(#id_{item}_paper) button").click()
        expect(page.get_by_text("Nous avons reçu la pièce")).to_be_visible()
    assert fits(page)
    found += look(page)
    _wait_for_the_papers(page)
    assert fits(page)
    found += look(page)
    page.get_by_role("button", name="Envoyer mon dossier").click()
    number = page.locator(".hero code").inner_text()
    assert fits(page)
    assert not [*found, *look(page)]
    return number


def _wait_for_the_papers(page: Page) -> None:
    """Look again, as the page offers, until the worker has found the papers readable."""
    again = page.get_by_role("link", name="Regarder à nouveau")
    until = time.monotonic() + 60
    while again.count():
        assert time.monotonic() < until, "the papers are never judged"
        page.wait_for_timeout(300)
        if again.count():
            again.click()


def invite(product: Product, name: str) -> tuple[str, str]:
    """Have the operator invite a reviewer; return the path of the link, and their address."""
    email = new_address(name.lower(), "provider.example")
    told = product.command("reviewer", "create", name, "--email", email)
    setup = re.search(r"/desk/setup/\S+", told)
    assert setup
    return setup[0], email


def become_reviewer(page: Page, product: Product, name: str, look: Look = unseen) -> str:
    """
    Set a password and a key by the operator's link, sign out, and sign in with both.

    Returns the reviewer's address.
    """
    setup, email = invite(product, name)
    keys = plug_in(page)
    page.goto(setup)
    seen = look(page)
    page.locator("#id_password").fill("court")
    page.locator("#id_name").fill("Clé grise")
    page.get_by_role("button", name="Enregistrer ma clé").click()
    expect(page.get_by_text("Votre clé a répondu")).to_be_visible()
    assert fits(page)
    seen += look(page)
    page.locator("#id_password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Valider").click()
    expect(page).to_have_url(f"{product.url}/desk/cases")
    assert len(keys.credentials()) == 1
    page.get_by_role("button", name="Se déconnecter").click()

    page.locator("#id_email").fill(email)
    page.locator("#id_password").fill(NEW_PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Se connecter").click()
    expect(page).to_have_url(f"{product.url}/desk/signin/key")
    assert fits(page)
    seen += look(page)
    page.goto("/desk/cases")
    expect(page).to_have_url(f"{product.url}/desk/signin")
    page.goto("/desk/signin/key")
    page.get_by_role("button", name="Utiliser ma clé").click()
    expect(page).to_have_url(f"{product.url}/desk/cases")
    assert not seen, "\n".join(seen)
    return email


def approve(open_page, product: Product, name: str, number: str, look: Look = unseen) -> None:
    """Become a reviewer, look at the papers, and approve."""
    page = open_page()
    become_reviewer(page, product, name)
    page.get_by_role("link", name=number).click()
    page.get_by_role("button", name="Prendre ce dossier").click()
    for picture in page.locator(".paper img").all():
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("complete", value=True)
        assert picture.evaluate("image => image.naturalWidth") > 100
    assert page.locator(".paper img").count() == 2
    assert not look(page)
    for box in page.locator("input[name=ticks]").all():
        box.check()
    page.get_by_role("button", name="Approuver le dossier").click()
    assert fits(page)


@pytest.mark.travels
@pytest.mark.xdist_group("travels")
@pytest.mark.parametrize("width", [1280, 360])
def test_with_papers_and_two_reviewers(product, open_page, width):
    owner = open_page()
    handle, old = create_account(owner, product, WORDS["fr"])
    new = new_address("retrouvee", "example.com")
    page, look = open_page(width=width), findings if width == 1280 else unseen
    number = file_case(page, product, handle, new, look)
    received = product.mail(new, "cases/mail/received", "Nous avons reçu votre dossier")
    assert number in received.text
    product.mail(old, "cases/mail/opened", "Quelqu’un demande l’accès à votre compte")

    approve(open_page, product, "Claire", number, look)
    approve(open_page, product, "Malik", number)
    product.mail(old, "cases/mail/approved", "Votre compte va passer à une nouvelle adresse")
    page.reload()
    expect(page.get_by_text("Si personne ne s’oppose")).to_be_visible()
    owner.goto("/area")
    expect(owner.locator("header .who .identifier")).to_have_text(handle)

    product.travel(hours=72, minutes=1)
    mail = product.mail(new, "recovery/mail/given_back", "Votre accès est rendu", seconds=70)
    page.goto(mail.link("/password/new/"))
    page.locator("#id_password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Valider").click()
    page.locator("#id_identifier").fill(new)
    page.locator("#id_password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Se connecter", exact=True).click()
    expect(page.locator("header .who .identifier")).to_have_text(handle)
    owner.goto("/area")
    expect(owner).to_have_url(re.compile("/signin"))


def test_the_old_address_objects_with_one_click(product, open_page):
    owner = open_page()
    handle, old = create_account(owner, product, WORDS["fr"])
    page = open_page(width=360)
    number = file_case(page, product, handle, new_address("voleur", "example.com"))
    mail = product.mail(old, "cases/mail/opened", "Quelqu’un demande l’accès à votre compte")

    visitor = open_page(width=360, scheme="dark")
    visitor.goto(mail.link("/procedure/notice/"))
    assert fits(visitor)
    assert not findings(visitor)
    visitor.get_by_label("Je m’oppose").check()
    visitor.get_by_role("button", name="Envoyer ma réponse").click()
    expect(visitor.get_by_role("heading", level=1)).to_be_visible()

    approve(open_page, product, "Irene", number)
    approve(open_page, product, "Joseph", number)
    page.reload()
    expect(
        page.get_by_text("Deux de nos relecteurs").or_(page.get_by_text("Dossier reçu"))
    ).to_be_visible()
    expect(page.get_by_text("Si personne ne s’oppose")).to_have_count(0)


@pytest.mark.parametrize("width", [1280, 360])
def test_a_reviewer_adds_a_second_key_and_removes_the_first(product, open_page, width):
    page, look = open_page(width=width), findings if width == 1280 else unseen
    email = become_reviewer(page, product, "Nadia", look)
    page.get_by_role("link", name="Mes clés").click()
    expect(page.get_by_role("row", name=re.compile("Clé grise"))).to_be_visible()
    expect(page.get_by_role("link", name="Retirer")).to_have_count(0)
    assert fits(page)
    found = look(page)
    page.get_by_role("link", name="Ajouter une clé").click()
    found += look(page)
    page.get_by_role("button", name="Utiliser ma clé").click()
    page.locator("#id_name").fill("Clé bleue")
    assert fits(page)
    found += look(page)
    second = plug_in(page, transport="usb")
    page.get_by_role("button", name="Ajouter la clé").click()
    expect(page.get_by_role("row", name=re.compile("Clé bleue"))).to_be_visible()
    assert len(second.credentials()) == 1
    mail = product.mail(email, "review/mail/key_added", "Une clé a été ajoutée")
    assert "Clé bleue" in mail.text

    row = page.get_by_role("row", name=re.compile("Clé grise"))
    row.get_by_role("link", name="Retirer").click()
    assert fits(page)
    found += look(page)
    page.get_by_role("button", name="Utiliser ma clé et retirer").click()
    expect(page.get_by_role("row", name=re.compile("Clé grise"))).to_have_count(0)
    assert not found, "\n".join(found)


def test_without_scripts_the_page_says_that_a_key_needs_them(product, open_page):
    page = open_page(language="en", scripts=False)
    setup, _email = invite(product, "Olga")
    page.goto(setup)

    # Text inside a noscript is found by no search for text, shown as it is.
    expect(page.locator("noscript .banner")).to_be_visible()
    expect(page.locator("noscript .banner")).to_contain_text("A security key needs JavaScript")
    expect(page.get_by_role("button", name="Register my key")).to_have_count(0)
