"""What happens in a product before its database is kept, through pages and commands only."""

import io
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pyotp
from PIL import Image

from tests.upgrade import databases
from tests.upgrade.browser import Browser, File, Page
from tests.upgrade.product import CODE, Kept, Person, Product, until

# The three of the demo data, and those who come by themselves.
PEOPLE = {
    "diane": Person("dm429850-OVH", "diane.mercier@example.org", "quatre lilas au balcon"),
    "bakery": Person(
        "bm731927-OVH", "contact@boulangerie-mercier.example", "levain farine et patience"
    ),
    "choir": Person("cd250414-OVH", "bureau@chorale-des-dunes.example", "soprano alto tenor basse"),
    "lea": Person("", "lea.brun@example.org", "guirlande tilleul corniche"),
    "nora": Person("", "nora.petit@example.org", "lavande tram hiver carafe"),
    "reviewer": Person("", "claire@provider.example", "violette carafe quai matin"),
}
DIANES_NEW, LEAS_NEW = "diane.mercier@example.net", "lea.brun@example.net"
CLAIMED = "chorale.des.dunes@example.net"
DETAILS = {
    "given_name": "Léa",
    "family_name": "Brun",
    "address": "5 rue du Tilleul",
    "postcode": "59800",
    "city": "Lille",
    "phone": "06 12 34 56 79",
}
BEFORE, LATELY = timedelta(days=2), timedelta(minutes=5)
FACTORS, ADDRESS = "/account/security/factors", "/account/address"
HANDLE = r"([a-z]{2}\d{6}-OVH)"
NUMBER = r"\b(D-[0-9A-Z]{4}-[0-9A-Z]{4})\b"
RECOVERY_CODE = r"\b((?:[B-Z]{4}-){3}[B-Z]{4})\b"
ANSWER = r"(/contacts/answer/\S+)"


def live(product: Product, kept: Kept, end: datetime) -> None:
    """Live through the story on an empty database; write down what people have in hand."""
    story = Story(product, kept)
    product.travel(end - BEFORE)
    product.command("migrate")
    product.command("demo")
    story.two_days_before()
    product.travel(end - LATELY)
    story.lately()
    product.travel(end)
    story.at_the_end()
    story.finish()


class Story:
    """The product and the browsers of everybody in it."""

    def __init__(self, product: Product, kept: Kept) -> None:
        self.product = product
        self.kept = kept
        self.kept.people = dict(PEOPLE)
        self.browsers: dict[str, Browser] = {}

    def browser(self, name: str) -> Browser:
        return self.browsers.setdefault(name, Browser(self.product.port))

    def two_days_before(self) -> None:
        """Somebody becomes a customer, somebody sets an app up, somebody stays signed in."""
        with self.product.serving():
            self.sign_up()
            self.watch_ones_sign_ins()
            self.change_address()
            self.sign_in("diane", stay="on")
            self.sign_in("bakery")
            self.set_up_app()
            self.become_reviewer()
            anchors = self.product.data / "anchors"
            until("the ledger has an anchor", lambda: list(anchors.glob("*.jsonl")))
            self.all_is_done()

    def lately(self) -> None:
        """Things are asked for, and wait for somebody's answer."""
        with self.product.serving():
            self.sign_in("telephone", of="diane")
            asked = self.ask_for_address("telephone", "diane", DIANES_NEW)
            self.kept.facts |= {"code": asked[0], "proof": asked[1], "wanted": DIANES_NEW}
            self.ask_diane_to_take_a_role()
            self.open_case()
            self.take_case()
            self.forget_password("lea", LEAS_NEW)
            self.kept.facts["reset"] = self.product.mailed(LEAS_NEW, r"(/password/new/\S+)")
            self.all_is_done()

    def at_the_end(self) -> None:
        """The worker dies over its periodic jobs; what is asked for afterwards stays undone."""
        with self.product.running("worker") as worker:
            until("jobs are queued", lambda: self.count("jobs_job", "lease_until IS NULL") >= 3)
            worker.kill()
        with self.product.running("runserver", "--noreload", f"127.0.0.1:{self.product.port}"):
            until("a page", lambda: self.product.answers("/healthz"))
            self.begin_signing_up("nora")
            self.give_password("halfway", "bakery", "/signin/factor")
            self.fail_to_sign_in()
            self.forget_password("stranger", PEOPLE["diane"].address)
            self.ask_for_role("telephone", "courrier.mercier.example", PEOPLE["choir"].handle)

    def all_is_done(self) -> None:
        until("all mails are sent", lambda: not self.count("outbox_mail", "state <> 'sent'"))
        until("all jobs are done", lambda: not self.count("jobs_job", "run_at IS NOT NULL"))

    def sign_in(self, name: str, *, of: str = "", **more: str) -> None:
        """Sign in from a browser as far as the customer area, by whatever step is asked for."""
        browser, who = self.browser(name), PEOPLE[of or name]
        before = len(self.product.letters(who.address))
        browser.get("/signin")
        page = browser.post("/signin", identifier=who.handle, password=who.password, **more)
        if page.path == "/signin/code":
            code = self.product.mailed(who.address, CODE, after=before)
            page = browser.post(page.path, code=code)
        elif page.path == "/signin/factor":
            code = pyotp.TOTP(self.kept.facts["seed"]).at(self.product.now)
            page = browser.post(page.path, method="app", code=code, trust="on")
        done(page, "/area")

    def give_password(self, name: str, of: str, path: str) -> None:
        browser, who = self.browser(name), PEOPLE[of]
        browser.get("/signin")
        done(browser.post("/signin", identifier=who.handle, password=who.password), path)

    def fail_to_sign_in(self) -> None:
        browser = self.browser("stranger")
        browser.get("/signin")
        wrong = {"identifier": PEOPLE["choir"].handle, "password": "none of mine, surely"}
        assert browser.post("/signin", **wrong).status == 422

    def begin_signing_up(self, name: str) -> None:
        browser, who = self.browser(name), PEOPLE[name]
        browser.get("/signup")
        given = {"country": "FR", "language": "fr", "email": who.address, "password": who.password}
        done(browser.post("/signup", **given), "/signup/code")

    def sign_up(self) -> None:
        self.begin_signing_up("lea")
        browser, who = self.browser("lea"), PEOPLE["lea"]
        code = self.product.mailed(who.address, CODE)
        done(browser.post("/signup/code", code=code), "/signup/details")
        page = browser.post("/signup/details", kind="individual", **DETAILS)
        handle = done(page, "/signup/done").first(HANDLE)
        self.kept.people["lea"] = Person(handle, LEAS_NEW, who.password)

    def watch_ones_sign_ins(self) -> None:
        browser, networks = self.browser("lea"), "/account/security/networks"
        browser.get("/account/security")
        done(browser.post("/account/security/notices", always="yes"), "/account/security")
        done(browser.post(networks, network="203.0.113.0/24", allowed="no"), networks)
        adding = browser.post("/account/recovery-addresses", address="brun@lea.example")
        assert adding.path.endswith("/code"), adding.text

    def change_address(self) -> None:
        """Change Léa's address; for a while yet her old one may undo that."""
        old, browser = PEOPLE["lea"].address, self.browser("lea")
        code, proof = self.ask_for_address("lea", "lea", LEAS_NEW)
        done(browser.post(proof), proof)
        done(browser.post(f"{ADDRESS}/code", code=code), ADDRESS)
        self.kept.facts["undo"] = self.product.mailed(old, r"(/change/undo/\S+)")

    def ask_for_address(self, name: str, of: str, new: str) -> tuple[str, str]:
        """Ask for another primary address; return the code and the path of the link mailed."""
        browser, old = self.browser(name), PEOPLE[of].address
        before = len(self.product.letters(old))
        browser.get(ADDRESS)
        done(browser.post(ADDRESS, address=new), ADDRESS)
        code = self.product.mailed(old, CODE, after=before)
        return code, self.product.mailed(new, r"(/change/proof/\S+)")

    def set_up_app(self) -> None:
        browser, path = self.browser("bakery"), f"{FACTORS}/app"
        page = browser.get(path)
        seed = page.first(r'class="seed">([A-Z2-7 ]+)<').replace(" ", "")
        code = pyotp.TOTP(seed).at(self.product.now)
        given = {"name": "Telephone", "setup": page.hidden("setup"), "code": code}
        page = done(browser.post(path, **given), path)
        self.kept.facts["seed"] = seed
        self.kept.recovery_codes = page.all(RECOVERY_CODE)[:10]
        assert len(self.kept.recovery_codes) == 10

    def become_reviewer(self) -> None:
        who = PEOPLE["reviewer"]
        told = self.product.command("staff", "create", "Claire", "--email", who.address)
        path = next(urlsplit(word).path for word in told.split() if "/desk/setup/" in word)
        browser = self.browser("reviewer")
        browser.get(path)
        done(browser.post(path, password=who.password), "/desk/cases")

    def take_case(self) -> None:
        browser, who = self.browser("reviewer"), PEOPLE["reviewer"]
        browser.get("/desk/signin")
        signed_in = browser.post("/desk/signin", email=who.address, password=who.password)
        done(signed_in, "/desk/cases")
        path = f"/desk/case/{self.kept.facts['number']}"
        browser.get(path)
        done(browser.post(f"{path}/take"), path)

    def ask_diane_to_take_a_role(self) -> None:
        """Have the bakery ask and confirm: what is left to say is Diane's."""
        self.sign_in("bakery")
        self.ask_for_role("bakery", "+33 3 20 12 34 56", PEOPLE["diane"].handle)
        browser = self.browser("bakery")
        asked = browser.get(self.product.mailed(PEOPLE["bakery"].address, ANSWER))
        accept = asked.first(r'href="(/contacts/requests/\d+/accept[^"]*)"')
        token, path = browser.get(accept).hidden("token"), urlsplit(accept).path
        done(browser.post(path, token=token), path.removesuffix("/accept"))
        self.kept.facts["answer"] = self.product.mailed(PEOPLE["diane"].address, ANSWER)

    def ask_for_role(self, name: str, service: str, newcomer: str) -> None:
        browser = self.browser(name)
        page = browser.get("/contacts")
        row = next(part for part in page.text.split("<tr")[1:] if f">{service}<" in part)
        number = Page(200, page.path, row.encode()).first(r'name="service" value="(\d+)"')
        browser.get(f"/contacts/change?service={number}")
        given = {"services": number, "technical": newcomer}
        done(browser.post("/contacts/change", **given), "/contacts/requests")

    def open_case(self) -> None:
        """Somebody says that they are the choir, and no longer read its address."""
        browser = self.browser("claimant")
        browser.get("/procedure")
        given = {"kind": "address_lost", "typed": PEOPLE["choir"].handle, "address": CLAIMED}
        path = browser.post("/procedure", **given).path
        done(browser.post(path, code=self.product.mailed(CLAIMED, CODE)), path)
        words = "Notre fournisseur a fermé."
        page = done(browser.post(path, holder="association", words=words), path)
        for item in page.all(r'name="item" value="(\w+)"'):
            photo = File("photo.jpg", "image/jpeg", paper())
            done(browser.upload(f"{path}/paper", "paper", photo, item=item), path)
        page = done(browser.post(f"{path}/send"), path)
        self.kept.facts |= {"case": path, "number": page.first(NUMBER)}
        until("the case is looked into", lambda: self.count("cases_notice", "round = 0") >= 2)

    def forget_password(self, name: str, typed: str) -> None:
        browser = self.browser(name)
        browser.get("/password/lost")
        done(browser.post("/password/lost", typed=typed), "/password/lost")

    def count(self, table: str, condition: str) -> int:
        query = f"SELECT count(*) FROM {table} WHERE {condition}"  # noqa: S608 - our own words
        ((number,),) = databases.ask(self.product.database_url, query)
        return int(number)

    def finish(self) -> None:
        self.kept.at = self.product.now.isoformat()
        self.kept.cookies = {name: each.cookies for name, each in self.browsers.items()}
        copies = (self.product.data / "anchors").glob("*.jsonl")
        self.kept.anchors = {file.name: file.read_text("utf-8") for file in copies}


def done(page: Page, path: str) -> Page:
    """Make sure that a form led where it should."""
    assert (page.status, page.path) == (200, path), f"{page.status} {page.path}\n{page.text}"
    return page


def paper() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (90, 60), "lightsteelblue").save(out, "JPEG")
    return out.getvalue()
