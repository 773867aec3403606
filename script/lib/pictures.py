"""Takes the pictures of docs/pictures/ from the product as it runs, with its demo data."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path

import pyotp
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "docs" / "pictures"
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
LOCALES = {"fr": "fr-FR", "en": "en-GB"}
CODE = re.compile(r"\b[B-Z]{4}-[B-Z]{4}\b")
TO_VALIDATE = re.compile("validation")
TO_SIGN_IN = re.compile("code de connexion|code to sign in")
DETAILS = {
    "given_name": "Camille",
    "family_name": "Fontaine",
    "address": "27 quai de la Fosse",
    "postcode": "44000",
    "city": "Nantes",
    "phone": "06 12 34 56 78",
}


class Camera:
    """One browser of a language, width and scheme."""

    def __init__(self, page: Page, *, language: str, width: int, scheme: str) -> None:
        self.page = page
        self.end = f"{language}.{width}.{scheme}"
        self.address = f"camille.{language}{width}{scheme}@example.org"

    def shoot(self, name: str, address: str | None = None) -> None:
        if address is not None:
            self.page.goto(f"{URL}{address}")
        self.page.wait_for_load_state("networkidle")
        self.page.screenshot(path=TARGET / f"{name}.{self.end}.png", full_page=True)

    def send(self) -> None:
        with self.page.expect_navigation():
            self.page.locator("main form .button.primary").first.click()

    def public_pages(self) -> None:
        self.shoot("home", "/")
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
        self.page.locator("#id_code").fill(self.mailed_code())
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
        self.page.locator("main form .button").first.click()
        self.shoot("address-5-vetoed")
        self.page.locator("main .button").first.click()
        self.shoot("not-me")

    def mailed_link(self, beginning: str) -> str:
        """Return the path of a link in the newest mail to this person that has one."""
        other = self.page.context.new_page()
        for _ in range(50):
            other.goto(f"{URL}/mail/")
            letter = other.locator("a", has_text=self.address).first
            letter.click()
            found = re.search(rf"{beginning}\S+", other.locator("pre").inner_text())
            if found:
                other.wait_for_load_state("networkidle")
                other.screenshot(path=TARGET / f"mail-code.{self.end}.png", full_page=True)
                other.close()
                return found[0]
            other.wait_for_timeout(200)
        raise SystemExit(f"no link was mailed to {self.address}")

    def mailed_code(self, address: str = "", about: re.Pattern[str] = TO_VALIDATE) -> str:
        other = self.page.context.new_page()
        for _ in range(50):
            other.goto(f"{URL}/mail/")
            letters = other.locator("a", has_text=address or self.address)
            letter = letters.filter(has_text=about).first
            if letter.count():
                letter.click()
                found = CODE.search(other.locator("pre").inner_text())
                self.shoot_letter(other)
                other.close()
                if found:
                    return found[0]
            other.wait_for_timeout(200)
        raise SystemExit(f"no code was mailed to {address or self.address}")

    def shoot_letter(self, page: Page) -> None:
        page.wait_for_load_state("networkidle")
        page.screenshot(path=TARGET / f"mail.{self.end}.png", full_page=True)

    def customer_area(self) -> None:
        self.page.goto(f"{URL}/signin")
        self.page.locator("#id_identifier").fill("dm429850-OVH")
        self.page.locator("#id_password").fill("quatre lilas au balcon")
        self.send()
        if "/signin/code" in self.page.url:
            self.shoot("signin-code")
            self.page.locator("#id_code").fill(
                self.mailed_code("diane.mercier@example.org", TO_SIGN_IN)
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
        self.shoot("account-sessions", "/account/sessions")
        self.shoot("account-ledger", "/account/ledger")
        self.shoot("account-mails", "/account/mails")
        self.shoot("account-password", "/account/password")
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
            self.page.locator("#id_code").fill(self.mailed_code(about=TO_SIGN_IN))
            self.send()


@contextmanager
def served() -> Iterator[None]:
    """Serve the product on a folder of its own while the pictures are taken."""
    with tempfile.TemporaryDirectory(prefix="nichandle-pictures-") as data:
        clean = {name: text for name, text in os.environ.items() if "NICHANDLE" not in name}
        environment = {**clean, "NICHANDLE_DATA": data, "NICHANDLE_PORT": str(PORT)}
        command = [str(Path(sys.executable).parent / "nichandle"), "serve", "--prepare"]
        with subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            if "http" not in process.stdout.readline():
                raise SystemExit("the product did not start")
            yield
            process.terminate()


def cameras(browser: Browser) -> Iterator[Camera]:
    for language, width, scheme in product(LOCALES, (1280, 360), ("light", "dark")):
        context = browser.new_context(
            locale=LOCALES[language],
            viewport={"width": width, "height": 800},
            color_scheme="dark" if scheme == "dark" else "light",
            reduced_motion="reduce",
        )
        yield Camera(context.new_page(), language=language, width=width, scheme=scheme)
        context.close()


def main() -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    for old in TARGET.glob("*.png"):
        old.unlink()
    with served(), sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for camera in cameras(browser):
            camera.public_pages()
            camera.creation()
            camera.change_of_address()
            camera.page.context.clear_cookies()
            camera.customer_area()
        browser.close()
    print(f"{len(list(TARGET.glob('*.png')))} pictures in {TARGET.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
