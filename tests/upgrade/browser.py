"""A browser that knows just enough: cookies, forms with their protection, redirects."""

import http.client
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from http.cookies import SimpleCookie
from typing import NamedTuple
from urllib.parse import urlencode, urljoin, urlsplit

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
MOST_REDIRECTS = 5


class File(NamedTuple):
    """A file as a form sends it."""

    name: str
    media: str
    body: bytes


@dataclass(frozen=True)
class Page:
    """What came in the end: its status, its path, its body."""

    status: int
    path: str
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def hidden(self, name: str) -> str:
        """Return the value of a hidden field."""
        return self.first(rf'<input[^>]* name="{name}"[^>]* value="([^"]*)"')

    def first(self, pattern: str) -> str:
        """Return what a pattern's only group finds first."""
        found = self.all(pattern)
        assert found, f"{self.path} ({self.status}) has no {pattern}: {self.text}"
        return found[0]

    def all(self, pattern: str) -> list[str]:
        return [unescape(found) for found in re.findall(pattern, self.text)]


class Browser:
    """
    One browser. Cookies are kept by name alone: the product has one host.

    A browser that comes back after an upgrade is given the cookies it had.
    """

    def __init__(self, port: int, cookies: Mapping[str, str] | None = None) -> None:
        self.port = port
        self.cookies = dict(cookies or {})

    def get(self, path: str) -> Page:
        return self._go("GET", path)

    def post(self, path: str, **fields: str) -> Page:
        """Send a form; a page with one must have been seen, for its token."""
        fields["csrfmiddlewaretoken"] = self.cookies["csrf"]
        return self._go("POST", path, urlencode(fields).encode(), _FORM)

    def upload(self, path: str, name: str, file: File, **fields: str) -> Page:
        """Send a form with a file in the field of this name."""
        fields["csrfmiddlewaretoken"] = self.cookies["csrf"]
        boundary = secrets.token_hex(16)
        body = _multipart(boundary, fields, name, file)
        return self._go("POST", path, body, f"multipart/form-data; boundary={boundary}")

    def _go(self, method: str, path: str, body: bytes | None = None, media: str = "") -> Page:
        for _redirect in range(MOST_REDIRECTS):
            status, place, answer = self._ask(method, path, body, media)
            if not place:
                return Page(status, urlsplit(path).path, answer)
            path = urljoin(path, place)
            method, body, media = "GET", None, ""
        raise AssertionError(f"{path} leads round in circles")

    def _ask(
        self, method: str, path: str, body: bytes | None, media: str
    ) -> tuple[int, str | None, bytes]:
        headers = {
            "Host": f"localhost:{self.port}",
            "User-Agent": AGENT,
            "Accept-Language": "en",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        }
        if media:
            headers["Content-Type"] = media
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            for line in answer.headers.get_all("Set-Cookie", []):
                self._keep(line)
            return answer.status, answer.getheader("Location"), answer.read()
        finally:
            connection.close()

    def _keep(self, line: str) -> None:
        for name, cookie in SimpleCookie(line).items():
            if cookie.value and cookie["max-age"] != "0":
                self.cookies[name] = cookie.value
            else:
                self.cookies.pop(name, None)


_FORM = "application/x-www-form-urlencoded"


def _multipart(boundary: str, fields: Mapping[str, str], name: str, file: File) -> bytes:
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{text}\r\n'.encode()
        for field, text in fields.items()
    ]
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{file.name}"\r\n'
        f"Content-Type: {file.media}\r\n\r\n"
    )
    return b"".join([*parts, head.encode(), file.body, f"\r\n--{boundary}--\r\n".encode()])
