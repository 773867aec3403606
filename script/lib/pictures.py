"""
Takes pictures of the product as it runs, with its demo data, into var/pictures/.

    pictures.py                 takes them all; exit 1 where a page is wrong: wider than its
                                viewport, or not in its language
    pictures.py --language de   those of one language
    pictures.py --keep          then brings docs/pictures/ up to date: those that a document shows
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path

import pyotp
import translations
from playwright.sync_api import Browser, Page, sync_playwright

from nichandle.config import options

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "var" / "pictures"
KEPT = ROOT / "docs" / "pictures"
SHOWN = re.compile(r"!\[[^\]]*\]\([^)\s]*\bpictures/([^)/\s]+\.png)\)")
PORT = 8765
URL = f"http://localhost:{PORT}"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LANGUAGES: tuple[str, ...] = options.read({}).values["languages"]
WIDTHS = (1280, 820, 360)
SCHEMES = ("light", "dark")
CODE = re.compile(r"\b[B-Z]{4}-[B-Z]{4}\b")
TO_VALIDATE = "Your validation code"
TO_SIGN_IN = "Your code to sign in"
WORD = re.compile(r"[^\W\d_]{3,}")
DETAILS = {
    "given_name": "Camille",
    "family_name": "Fontaine",
    "address": "27 quai de la Fosse",
    "postcode": "44000",
    "city": "Nantes",
    "phone": "06 12 34 56 78",
}


@dataclass(frozen=True, slots=True)
class Look:
    """What a browser shows of a page: how wide it is, and the language it says and is in."""

    wide: int
    declared: str
    text: str

    @classmethod
    def at(cls, page: Page) -> "Look":
        return cls(
            wide=page.evaluate("document.documentElement.scrollWidth"),
            declared=page.locator("html").get_attribute("lang") or "",
            text=page.locator("body").inner_text(),
        )


def faults(look: Look, *, language: str, width: int) -> list[str]:
    """Say what is wrong with a page that should be in a language and fit into a width."""
    found = []
    if look.wide > width:
        found.append(f"it is {look.wide} px wide")
    if look.declared != language:
        found.append(f"it says that its language is “{look.declared}”")
    spoken = language_of(look.text)
    if spoken != language:
        found.append(f"its words are of “{spoken}”")
    return found


def language_of(text: str) -> str:
    """Return the language most words of a text belong to, "" where none can be told."""
    words = WORD.findall(text.lower())
    hits = {
        language: sum(word in own for word in words) for language, own in vocabularies().items()
    }
    best = max(hits.values())
    winners = [language for language, count in hits.items() if count == best]
    return winners[0] if best and len(winners) == 1 else ""


@cache
def vocabularies() -> Mapping[str, frozenset[str]]:
    """Return the words that only one language of the product uses: its own, by language."""
    said: dict[str, set[str]] = {"en": set()}
    for language, path in translations.catalogues().items():
        catalogue = translations.read(path, language)
        for message in (message for message in catalogue if message.id):
            said["en"] |= _words(message.id)
            said.setdefault(language, set()).update(_words(message.string))
    return {
        language: frozenset(words.difference(*(said[other] for other in said if other != language)))
        for language, words in said.items()
    }


def sentence(english: str, language: str) -> str:
    """Return a sentence of the product in a language, or in English where that lacks it."""
    path = translations.catalogues().get(language)
    message = translations.read(path, language).get(english) if path else None
    return str(message.string) if message and message.string else english


def _words(texts: str | Iterable[str] | None) -> set[str]:
    whole = texts if isinstance(texts, str) else " ".join(texts or ())
    return set(WORD.findall(translations.PLACEHOLDER.sub(" ", whole).lower()))


class Camera:
    """One browser of a language, width and scheme."""

    def __init__(
        self, page: Page, *, language: str, width: int, scheme: str, read: set[str]
    ) -> None:
        self.page, self.read = page, read
        self.language, self.width = language, width
        self.end = f"{language}.{width}.{scheme}"
        self.address = f"camille.{language}{width}{scheme}@example.org"
        self.wrong: list[str] = []

    def shoot(self, name: str, address: str | None = None) -> None:
        if address is not None:
            self.page.goto(f"{URL}{address}")
        self.take(name, self.page)

    def take(self, name: str, page: Page) -> None:
        """Take the picture of a page as it stands, and note what is wrong with it."""
        page.wait_for_load_state("networkidle")
        page.screenshot(path=TARGET / f"{name}.{self.end}.png", full_page=True)
        self.wrong += [
            f"{name}, {self.width} px, {self.language}: {fault}"
            for fault in faults(Look.at(page), language=self.language, width=self.width)
        ]

    def send(self) -> None:
        with self.page.expect_navigation():
            self.page.locator("main form .button.primary").first.click()

    def round(self) -> None:
        """Take every page, as a newcomer first and as the demo's customer then."""
        self.public_pages()
        self.creation()
        self.change_of_address()
        self.page.context.clear_cookies()
        self.customer_area()

    def public_pages(self) -> None:
        self.shoot("home", "/")
        self.shoot("shop", "/order")
        self.shoot("shop-product", "/order/product/vps-2")
        self.shoot("signin", "/signin")
        self.shoot("password-lost", "/password/lost")
        self.shoot("link-not-valid", "/password/new/used")
        self.shoot("procedure-1-start", "/procedure")
        self.shoot("procedure-follow", "/procedure/follow")
        self.shoot("signin-open", "/signin/open")

    def creation(self) -> None:
        self.shoot("signup-1-address", "/signup")
        self.page.locator("#id_email").fill(self.address)
        self.page.locator("#id_password").fill("quatre mots que je retiens")
        self.send()
        self.shoot("signup-2-code")
        self.page.locator("#id_code").fill(self.mailed_code(TO_VALIDATE))
        self.send()
        self.shoot("signup-3-holder")
        self.page.locator("input[value=individual]").check()
        self.send()
        for name, text in DETAILS.items():
            self.page.locator(f"#id_{name}").fill(text)
        # Its own each time: codes to one address are few in a day.
        self.page.locator("#id_recovery_address").fill(self.address.replace("org", "net"))
        self.shoot("signup-3-details")
        self.send()
        self.shoot("signup-4-recovery")
        self.shoot("signup-5-identifier", "/signup/done")

    def change_of_address(self) -> None:
        """Ask for another address, as the person who has just created an account."""
        self.shoot("recovery-addresses", "/account/recovery-addresses")
        self.shoot("address-1-ask", "/account/address")
        self.page.locator("#id_address").fill("camille@nouvelle-adresse.example")
        self.send()
        veto = self.mailed_link("/change/veto/")
        self.shoot("address-2-progress", "/account/address")
        self.shoot("address-3-code", "/account/address/code")
        self.shoot("address-4-veto", veto)
        self.page.locator("input[value=refuse]").check()
        self.send()
        self.shoot("address-5-vetoed")
        self.page.locator("main .button").first.click()
        self.shoot("not-me")

    def mailed_link(self, beginning: str) -> str:
        """Return the path of a link in the newest mail to this person that has one."""
        other = self.page.context.new_page()
        for _ in range(50):
            other.goto(f"{URL}/mail/")
            other.locator("a", has_text=self.address).first.click()
            found = re.search(rf"{beginning}\S+", other.locator("pre").inner_text())
            if found:
                self.take("mail-code", other)
                other.close()
                return found[0]
            other.wait_for_timeout(200)
        raise SystemExit(f"no link was mailed to {self.address}")

    def mailed_code(self, about: str, address: str = "") -> str:
        """Return the code of the newest mail with a subject that no camera has read yet."""
        subject = sentence(about, self.language)
        other = self.page.context.new_page()
        for _ in range(50):
            other.goto(f"{URL}/mail/")
            letters = other.locator("a", has_text=address or self.address)
            letter = letters.filter(has_text=subject).first
            place = letter.get_attribute("href") if letter.count() else None
            if place and place not in self.read:
                self.read.add(place)
                letter.click()
                code = CODE.search(other.locator("pre").inner_text())
                if code:
                    self.take("mail", other)
                    other.close()
                    return code[0]
            other.wait_for_timeout(200)
        raise SystemExit(f"no code was mailed to {address or self.address}")

    def customer_area(self) -> None:
        self.page.goto(f"{URL}/signin")
        self.page.locator("#id_identifier").fill("dm429850-OVH")
        self.page.locator("#id_password").fill("quatre lilas au balcon")
        self.send()
        if "/signin/code" in self.page.url:
            self.shoot("signin-code")
            self.page.locator("#id_code").fill(
                self.mailed_code(TO_SIGN_IN, "diane.mercier@example.org")
            )
            self.send()
        self.shoot("area-home", "/area")
        self.shoot("area-spelling", "/area/identifier")
        self.shoot("services", "/services")
        self.shoot("service", "/services/5")
        self.shoot("contacts", "/contacts")
        self.shoot("contacts-warn", "/contacts/warn/5")
        self.shoot("contacts-change", "/contacts/change?service=4&service=5")
        self.shoot("contacts-requests", "/contacts/requests?box=sent")
        self.shoot("account", "/account")
        self.shoot("account-edit", "/account/edit")
        self.shoot("account-security", "/account/security")
        self.shoot("account-networks", "/account/security/networks")
        for name in ("sessions", "ledger", "mails", "password"):
            self.shoot(f"account-{name}", f"/account/{name}")
        self.shoot("factors", "/account/security/factors")
        self.shoot("factor-app", "/account/security/factors/app")
        self.shoot("factor-key", "/account/security/factors/key")
        self.second_factor()

    def second_factor(self) -> None:
        """Set an app up for the account just created, and sign in with it."""
        self.page.context.clear_cookies()
        self.sign_in_as_camille()
        self.page.goto(f"{URL}/account/security/factors/app")
        seed = (self.page.locator(".seed").text_content() or "").replace(" ", "")
        self.page.locator("#id_name").fill("Téléphone")
        self.page.locator("#id_code").fill(pyotp.TOTP(seed).now())
        self.send()
        self.shoot("factor-codes")
        self.shoot("factors-set", "/account/security/factors")
        self.page.context.clear_cookies()
        self.sign_in_as_camille()
        self.shoot("signin-factor")

    def sign_in_as_camille(self) -> None:
        self.page.goto(f"{URL}/signin")
        self.page.locator("#id_identifier").fill(self.address)
        self.page.locator("#id_password").fill("quatre mots que je retiens")
        self.send()
        if "/signin/code" in self.page.url:
            self.page.locator("#id_code").fill(self.mailed_code(TO_SIGN_IN))
            self.send()


@contextmanager
def served(language: str) -> Iterator[None]:
    """
    Serve the product on a folder of its own while the pictures of a language are taken.

    It is the product's first, so that the demo customers and their mails speak it too.
    """
    order = ",".join(dict.fromkeys((language, *LANGUAGES)))
    with tempfile.TemporaryDirectory(prefix="nichandle-pictures-") as data:
        clean = {name: text for name, text in os.environ.items() if "NICHANDLE" not in name}
        environment = {
            **clean,
            "NICHANDLE_DATA": data,
            "NICHANDLE_PORT": str(PORT),
            "NICHANDLE_LANGUAGES": order,
        }
        command = [str(Path(sys.executable).parent / "nichandle"), "serve", "--prepare"]
        with subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            if "http" not in process.stdout.readline():
                raise SystemExit("the product did not start")
            yield
            process.terminate()


def cameras(browser: Browser, language: str) -> Iterator[Camera]:
    read: set[str] = set()
    for width, scheme in product(WIDTHS, SCHEMES):
        context = browser.new_context(
            locale=language,
            viewport={"width": width, "height": 800},
            color_scheme="dark" if scheme == "dark" else "light",
            reduced_motion="reduce",
        )
        yield Camera(context.new_page(), language=language, width=width, scheme=scheme, read=read)
        context.close()


def take_all(languages: Iterable[str]) -> list[str]:
    """Take every picture anew; returns what is wrong with the pages, a line for each fault."""
    shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir(parents=True)
    wrong: list[str] = []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for language in languages:
            with served(language):
                for camera in cameras(browser, language):
                    camera.round()
                    wrong += camera.wrong
        browser.close()
    # A page has the same fault in both schemes.
    return list(dict.fromkeys(wrong))


def shown() -> set[str]:
    """Return the names of the pictures that a document shows."""
    documents = (ROOT / "README.md", *(ROOT / "docs").rglob("*.md"))
    return {name for path in documents for name in SHOWN.findall(path.read_text("utf-8"))}


def keep(taken: Path = TARGET, kept: Path = KEPT) -> list[str]:
    """Bring the pictures that documents show up to date; returns those that were not taken."""
    wanted = shown()
    kept.mkdir(parents=True, exist_ok=True)
    for old in kept.glob("*.png"):
        if old.name not in wanted:
            old.unlink()
    lacking = {name for name in wanted if not (taken / name).exists()}
    for name in wanted - lacking:
        shutil.copyfile(taken / name, kept / name)
    return [f"{name} is shown by a document and was not taken" for name in sorted(lacking)]


def conclude(wrong: Iterable[str]) -> int:
    """Say what is wrong, and return how the command ends: 0 when nothing is."""
    lines = list(wrong)
    for line in lines:
        print(line, file=sys.stderr)
    return 1 if lines else 0


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--language", action="append")
    parser.add_argument("--keep", action="store_true")
    given = parser.parse_args()
    wrong = take_all(given.language or LANGUAGES)
    print(f"{len(list(TARGET.glob('*.png')))} pictures in {TARGET.relative_to(ROOT)}")
    if given.keep:
        wrong += keep()
    return conclude(wrong)


if __name__ == "__main__":
    sys.exit(main())
