"""Heads and bodies as they come over the wire: read in one way only, or refused."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nichandle.config.serving.wire import Chunks, Unreadable, answer, read_head

PLAIN = b"GET /signin?next=%2Farea HTTP/1.1\r\nHost: area.example\r\nAccept: text/html"


def head(*lines: bytes, first: bytes = b"POST / HTTP/1.1"):
    return read_head(b"\r\n".join([first, b"Host: area.example", *lines]))


def test_a_head_is_taken_apart():
    found = read_head(PLAIN)

    assert (found.method, found.path, found.query) == ("GET", b"/signin", "next=%2Farea")
    assert found.fields == {"host": "area.example", "accept": "text/html"}
    assert (found.length, found.keeps_open, found.expects) == (0, True, False)


def test_fields_sent_in_several_lines_are_joined_in_their_order():
    found = head(
        b"X-Forwarded-For: 192.0.2.1",
        b"Cookie: a=1",
        b"x-forwarded-for:  192.0.2.2 ",
        b"cookie: b=2",
    )

    assert found.fields["x-forwarded-for"] == "192.0.2.1, 192.0.2.2"
    assert found.fields["cookie"] == "a=1; b=2"


@pytest.mark.parametrize(
    "name", [b"X_Forwarded_For", b"X-Forwarded_For", b"X_Forwarded-For", b"x_forwarded_for", b"_"]
)
@pytest.mark.parametrize("first", [True, False])
def test_a_field_with_an_underscore_is_as_if_it_had_not_been_sent(name, first):
    lines = [name + b": 1.2.3.4", b"X-Forwarded-For: 203.0.113.9"]
    found = head(*(lines if first else reversed(lines)))

    assert found.fields == {"host": "area.example", "x-forwarded-for": "203.0.113.9"}


def test_underscores_smuggle_no_length_in():
    assert head(b"Content_Length: 5", b"Transfer_Encoding: chunked").length == 0


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"GET",
        b"GET /",
        b"GET / HTTP/2.0",
        b"GET / HTTP/1.1 ",
        b"GET  / HTTP/1.1\r\nHost: a",
        b"GET /\xc3\xa9 HTTP/1.1\r\nHost: a",
        b"GET / x HTTP/1.1\r\nHost: a",
        b"GET nowhere HTTP/1.1\r\nHost: a",
        b"GET * HTTP/1.1\r\nHost: a",
        b"CONNECT a:443 HTTP/1.1\r\nHost: a",
        b"GET http://user@a/ HTTP/1.1\r\nHost: a",
        b"GET http:///x HTTP/1.1\r\nHost: a",
        b"GET http://[::1/ HTTP/1.1\r\nHost: a",
        b"PRI * HTTP/2.0",
        b"GET / HTTP/1.1",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: a",
        b"GET / HTTP/1.1\r\nHost : a",
        b"GET / HTTP/1.1\r\n Host: a",
        b"GET / HTTP/1.1\r\nHost: a\r\n folded",
        b"GET / HTTP/1.1\r\nHost: a\r\n\tfolded",
        b"GET / HTTP/1.1\r\nHost: a\nX: b",
        b"GET / HTTP/1.1\r\nHost: a\rX: b",
        b"GET / HTTP/1.1\nHost: a",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: a\x00b",
        b"GET / HTTP/1.1\r\nHost: a\r\nnothing",
        b"GET / HTTP/1.1\r\nHost: a\r\n: nameless",
        b"GET / HTTP/1.1\r\nHost: a\r\nN\xc3\xa4me: x",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x1",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1_0",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999999999999",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 1",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked",
        b"POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked",
        b"POST / HTTP/1.1\r\nHost: a\r\nExpect: a-miracle",
        b"GET / HTTP/1.1\r\nHost: a\r\n" + b"\r\n".join(b"X-%d: y" % n for n in range(100)),
        b"GET /" + b"a" * 8192 + b" HTTP/1.1\r\nHost: a",
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(raw):
    with pytest.raises(Unreadable):
        read_head(raw)


def test_of_a_whole_address_its_host_rules():
    found = read_head(b"GET http://area.example/signin?x=1 HTTP/1.1\r\nHost: evil.example")

    assert (found.path, found.query, found.fields["host"]) == (b"/signin", "x=1", "area.example")


def test_http_1_0_needs_no_host_and_ends_the_connection():
    found = read_head(b"GET / HTTP/1.0")

    assert not found.keeps_open
    assert not head(b"Connection: keep-alive, Close").keeps_open


def cut(raw: bytes, *places: int) -> list[bytes]:
    edges = [0, *sorted(place % (len(raw) + 1) for place in places), len(raw)]
    return [raw[begin:end] for begin, end in pairwise(edges)]


@given(
    st.lists(st.binary(min_size=1, max_size=40), max_size=5),
    st.lists(st.integers(0, 400), max_size=6),
)
def test_chunks_give_the_same_body_however_they_arrive(pieces, places):
    raw = b"".join(b"%x;a=b\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    raw += b"0\r\nX-Sum: 1\r\n\r\nGET"
    chunks, waiting, body = Chunks(), bytearray(), b""
    for part in cut(raw, *places):
        waiting += part
        body += chunks.take(waiting)

    assert chunks.done
    assert body == b"".join(pieces)
    assert bytes(waiting) == b"GET"


@pytest.mark.parametrize(
    "raw",
    [
        b"x\r\n",
        b"-1\r\n",
        b"+1\r\na",
        b"0x1\r\na",
        b"1 \n\r\n",
        b"123456789\r\n",
        b"1\r\naX\r\n",
        b"1\r\na\n\n",
        b"1\na\r\n",
        b"1;" + b"x" * 400,
        b"0\r\n broken\r\n",
        b"0\r\n" + b"X-A: b\r\n" * 1000,
    ],
)
def test_broken_chunks_are_refused(raw):
    with pytest.raises(Unreadable):
        Chunks().take(bytearray(raw))


def test_an_answer_has_its_length_and_no_body_where_none_may_be():
    said = answer("200 OK", [("X", "y")], b"abc", head_only=False, closes=False)
    assert said.endswith(b"\r\n\r\nabc")
    assert b"Content-Length: 3\r\n" in said

    assert answer("200 OK", [], b"abc", head_only=True, closes=True).endswith(b"\r\n\r\n")
    empty = answer("304 Not Modified", [], b"", head_only=False, closes=False)
    assert b"Content-Length" not in empty
