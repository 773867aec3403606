"""
What is read from a connection and written to it: HTTP/1.1 as RFC 9112 has it, and nothing laxer.

Whatever two readers could understand differently is refused (RFC 9112 section 11.2, "request
smuggling"): a proxy in front and this server must never see two requests where the other sees one.
"""

import re
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus
from urllib.parse import urlsplit

LONGEST_HEAD = 32 * 1024
LONGEST_TARGET = 8 * 1024
MOST_FIELDS = 100
LONGEST_CHUNK_LINE = 256
LONGEST_TRAILER = 4 * 1024
SPARE_FRAMING = 16 * 1024
"""Bytes around a body's chunks (sizes, extensions, line ends) beyond an eighth of the body."""
MOST_CHUNKS = 256
"""So many are taken apart in one go: all other connections wait meanwhile."""

_REQUEST = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]{1,32}) ([\x21-\x7e]+) HTTP/1\.([01])")
_FIELD = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)")
_LENGTH = re.compile(r"[0-9]{1,15}", re.ASCII)
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[\t\x20-\x7e\x80-\xff]*)?")
# Only one may be sent, or two readers take a different one.
_SINGLE = ("host", "content-length", "transfer-encoding", "content-type")


class Unreadable(Exception):
    """The request cannot be understood; the connection is of no use any more."""

    def __init__(self, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(status)
        self.status = status


@dataclass(slots=True)
class RequestHead:
    """The first part of a request; ``fields`` by names in small letters, several lines joined."""

    method: str
    path: bytes
    """Still quoted, as it came."""
    query: str
    minor: int
    fields: dict[str, str]
    length: int | None
    """Of the body, in bytes; None when it comes in chunks."""

    @property
    def keeps_open(self) -> bool:
        words = {word.strip() for word in self.fields.get("connection", "").lower().split(",")}
        return self.minor == 1 and "close" not in words

    @property
    def expects(self) -> bool:
        """Whether the client waits for a word before it sends the body."""
        return self.minor == 1 and "expect" in self.fields


def read_head(raw: bytes) -> RequestHead:
    """
    Read a head without its empty line.

    Fields with an underscore in their name are left out: behind WSGI ``X_Forwarded_For`` could not
    be told from ``X-Forwarded-For``, which a proxy overwrites while it lets the other pass.

    :raises Unreadable: with the status to answer
    """
    first, *lines = raw.split(b"\r\n")
    request = _REQUEST.fullmatch(first)
    if request is None:
        raise Unreadable
    if len(request[2]) > LONGEST_TARGET:
        raise Unreadable(HTTPStatus.REQUEST_URI_TOO_LONG)
    if len(lines) > MOST_FIELDS:
        raise Unreadable(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
    method = request[1].decode("ascii")
    if method != method.upper():
        # Their case counts (RFC 9110 section 9.1), and none in small letters is known.
        raise Unreadable(HTTPStatus.NOT_IMPLEMENTED)
    fields = _fields(lines)
    minor = int(request[3])
    target = _target(request[2].decode("ascii"), fields)
    if minor == 1 and "host" not in fields:
        raise Unreadable
    # In HTTP/1.0 there is none (RFC 9110 section 10.1.1).
    if minor == 1 and fields.get("expect", "100-continue").lower() != "100-continue":
        raise Unreadable(HTTPStatus.EXPECTATION_FAILED)
    path, _mark, query = target.partition("?")
    length = _length(fields, minor)
    return RequestHead(method, path.encode("ascii"), query, minor, fields, length)


def _fields(lines: list[bytes]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for line in lines:
        found = _FIELD.fullmatch(line)
        if found is None:
            raise Unreadable
        name = found[1].decode("ascii").lower()
        if "_" in name:
            continue
        value = found[2].decode("latin-1").rstrip(" \t")
        if name in fields:
            if name in _SINGLE:
                raise Unreadable
            # RFC 9110 section 5.3; RFC 6265 joins cookies in its own way.
            fields[name] += ("; " if name == "cookie" else ", ") + value
        else:
            fields[name] = value
    return fields


def _target(target: str, fields: dict[str, str]) -> str:
    """Return path and query; of a whole address (RFC 9112 section 3.2.2) its host rules."""
    if target.startswith("/"):
        return target
    if not target.lower().startswith(("http://", "https://")):
        raise Unreadable
    try:
        parts = urlsplit(target)
    except ValueError:
        raise Unreadable from None
    if not parts.netloc or "@" in parts.netloc:
        raise Unreadable
    fields["host"] = parts.netloc
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _length(fields: dict[str, str], minor: int) -> int | None:
    coding = fields.get("transfer-encoding")
    if coding is not None:
        if minor == 0 or "content-length" in fields:
            raise Unreadable
        if coding.lower() != "chunked":
            raise Unreadable(HTTPStatus.NOT_IMPLEMENTED)
        return None
    given = fields.get("content-length", "0")
    if not _LENGTH.fullmatch(given):
        raise Unreadable
    return int(given)


@dataclass(slots=True)
class Chunks:
    """
    Takes a body in chunks apart (RFC 9112 section 7.1); trailers are read and dropped.

    A body in chunks of a byte costs its reader two hundred times what it costs its sender, so the
    framing is bounded by the body (as CVE-2023-39326 of Go has it), and a call by its chunks.
    """

    left: int = 0
    """Bytes of the present chunk still to come, with the two of its line's end."""
    trailer: int = -1
    """Bytes of the trailer so far; -1 while there are chunks."""
    done: bool = field(default=False)
    more: bool = field(default=False)
    """Whether the last call ended before it had looked at all that came."""
    body: int = 0
    framing: int = 0
    """Bytes so far of the body, and of what is around it."""

    def take(self, raw: bytearray) -> bytes:
        """
        Take what can be read off ``raw``, and return what of the body was in it.

        :raises Unreadable: when it is not in chunks
        """
        body = bytearray()
        begun, self.more = 0, False
        while raw and not self.done:
            if self.left > 2:
                begun += 1
                if begun > MOST_CHUNKS:
                    self.more = True
                    break
                piece = raw[: self.left - 2]
                body += piece
                del raw[: len(piece)]
                self.left -= len(piece)
                self.body += len(piece)
            elif self.left:
                if not self._line_end(raw):
                    break
            elif not self._line(raw):
                break
        return bytes(body)

    def _line_end(self, raw: bytearray) -> bool:
        if not b"\r\n".startswith(raw[:2]):
            raise Unreadable
        if len(raw) < 2:
            return False
        del raw[:2]
        self.left = 0
        return True

    def _line(self, raw: bytearray) -> bool:
        end = raw.find(b"\r\n", 0, LONGEST_CHUNK_LINE + 2)
        if end < 0:
            if len(raw) > LONGEST_CHUNK_LINE:
                raise Unreadable
            return False
        line = bytes(raw[:end])
        del raw[: end + 2]
        # With the two that end the chunk.
        self.framing += end + 4
        if self.framing > SPARE_FRAMING + self.body // 8:
            raise Unreadable
        if self.trailer >= 0:
            self.trailer += len(line)
            if self.trailer > LONGEST_TRAILER or (line and not _FIELD.fullmatch(line)):
                raise Unreadable
            self.done = not line
            return True
        size = _CHUNK.fullmatch(line)
        if size is None:
            raise Unreadable
        length = int(size[1], 16)
        self.left, self.trailer = (length + 2, -1) if length else (0, 0)
        return True


def answer(
    status: str, fields: list[tuple[str, str]], body: bytes, *, head_only: bool, closes: bool
) -> bytes:
    """Return a whole answer as it goes over the wire."""
    empty = status[:3] in {"204", "304"} or status[:1] == "1"
    lines = [f"HTTP/1.1 {status}"]
    named = set()
    for name, value in fields:
        lines.append(f"{name}: {value}")
        named.add(name.lower())
    if not empty and "content-length" not in named:
        lines.append(f"Content-Length: {len(body)}")
    if "date" not in named:
        lines.append(f"Date: {formatdate(usegmt=True)}")
    if closes:
        lines.append("Connection: close")
    head = "\r\n".join([*lines, "\r\n"]).encode("latin-1")
    return head if empty or head_only else head + body
