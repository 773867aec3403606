"""A body in small chunks is not read at any cost, and keeps nobody waiting."""

import pytest

from nichandle.config.serving import wire
from nichandle.config.serving.wire import MOST_CHUNKS, SPARE_FRAMING, Chunks, Unreadable
from nichandle.config.tests.gates import serving, status, until, whole

HEAD = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"


def calls_until_refused(raw: bytearray) -> int:
    chunks, calls = Chunks(), 0
    while raw:
        calls += 1
        try:
            chunks.take(raw)
        except Unreadable:
            return calls
    raise AssertionError("it was read")


def test_a_body_in_chunks_of_a_byte_is_refused_when_its_framing_is_too_much():
    calls = calls_until_refused(bytearray(b"1\r\nx\r\n" * 100_000))

    assert 1 < calls < 2 * SPARE_FRAMING / 5 / MOST_CHUNKS


def test_what_stands_behind_a_chunks_size_is_framing():
    chunk = b"40;" + b"x" * 200 + b"\r\n" + b"y" * 64 + b"\r\n"

    assert calls_until_refused(bytearray(chunk * 1000)) == 1


def test_chunks_of_a_kilobyte_are_read_however_many_there_are():
    chunks, raw = Chunks(), bytearray(b"400\r\n" + b"x" * 1024 + b"\r\n") * 5000 + b"0\r\n\r\n"
    read = 0
    while not chunks.done:
        read += len(chunks.take(raw))
        assert chunks.more or chunks.done
    assert read == 5000 * 1024


@pytest.mark.slow
def test_others_are_heard_between_the_chunks_of_one(unused_port, monkeypatch):
    monkeypatch.setattr(wire, "MOST_CHUNKS", 10)
    with serving(unused_port) as served:
        body = b"20\r\n" + b"x" * 32 + b"\r\n"
        heard = []
        soon = served.gate.soon
        monkeypatch.setattr(served.gate, "soon", lambda work: (heard.append(work), soon(work)))
        with served.connect(HEAD + body * 1000 + b"0\r\n\r\n") as sender:
            assert status(sender) == 200
        assert len(served.told[0][1]) == 32_000
        assert len(heard) >= 99


@pytest.mark.slow
def test_a_request_behind_many_chunks_is_answered_too(unused_port, monkeypatch):
    """More than is read ahead: reading stops, and goes on."""
    monkeypatch.setattr(wire, "MOST_CHUNKS", 2)
    with serving(unused_port) as served:
        body = b"20\r\n" + b"x" * 32 + b"\r\n"
        last = b"GET /?7 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        chunked = HEAD + body * 3000 + b"0\r\n\r\n"
        with served.connect(chunked * 3 + last) as sender:
            said = whole(sender)
        assert said.count(b"HTTP/1.1 200") == 4
        assert [len(body) for _environ, body in served.told] == [96_000] * 3 + [0]


@pytest.mark.slow
def test_who_sends_chunks_of_a_byte_is_told_so_and_goes(unused_port):
    with serving(unused_port) as served:
        with served.connect(HEAD + b"1\r\nx\r\n" * 10_000) as sender:
            assert status(sender) == 400
            (visitor,) = served.gate._visitors
            sender.sendall(b"1\r\nx\r\n" * 1000)
            until(lambda: visitor.gone or not visitor.transport.is_reading())
        until(lambda: not served.gate._visitors)
        assert served.told == []
