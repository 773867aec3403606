"""A case of lost access as whoever lost it leads it."""

import io
import re

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from tests.support.cases import NEW
from tests.support.post import waiting_code

START = {"kind": "address_lost", "address": NEW}


def shown(answer) -> str:
    """Return a page without what every page has anew."""
    page = answer.content.decode()
    page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)
    page = re.sub(r"/procedure/case/[\w-]+", "", page)
    page = re.sub(r'value="[0-9a-f]{32}"', "", page)
    page = re.sub(r'datetime="[^"]+">[^<]+<', "", page)
    return re.sub(r"D-\w{4}-\w{4}", "", page)


def picture(form: str = "JPEG", size: tuple[int, int] = (60, 40), **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "white").save(out, form, **options)
    return out.getvalue()


def upload(browser: Client, link: str, data: bytes, item: str = "identity", name: str = "p.jpg"):
    file = SimpleUploadedFile(name, data, content_type="image/jpeg")
    return browser.post(f"{link}/paper", {"item": item, "paper": file})


def begun(browser: Client, typed: str, **more: str) -> str:
    answer = browser.post("/procedure", {**START, "typed": typed, **more})
    assert answer.status_code == 302, answer.content.decode()
    return answer.headers["Location"]


def with_papers_due(browser: Client, typed: str, **more: str) -> str:
    """Go to the page of the papers."""
    link = begun(browser, typed, **more)
    code = waiting_code("cases/mail/code", more.get("address", NEW))
    assert browser.post(link, {"code": code}).status_code == 302
    done = browser.post(link, {"holder": "individual", "words": "I moved to Nantes."})
    assert done.status_code == 302
    return link
