"""What a connection is between requests, and the requests that are answered in an odd way."""

import socket
from contextlib import ExitStack

import pytest

from nichandle.config.serving import gate as gates
from nichandle.config.serving import visitors
from nichandle.config.serving.visitors import State
from nichandle.config.tests.gates import GET, THREADS, serving, status, until, whole

pytestmark = pytest.mark.slow


@pytest.fixture
def served(unused_port):
    with serving(unused_port) as found:
        yield found


def test_an_idle_connection_is_kept_longer_than_balancers_keep_theirs():
    assert visitors.IDLE > 600


def test_who_has_sent_nothing_yet_is_idle_and_may_be_longer_than_a_request(served, monkeypatch):
    monkeypatch.setattr(visitors, "PATIENCE", 0.0)
    with served.connect() as early:
        served.wait_for(1, State.IDLE)
        (visitor,) = served.gate._visitors
        assert not visitor.overdue(visitor.since + 600)
        assert visitor.overdue(visitor.since + visitors.IDLE + 1)
        monkeypatch.undo()
        early.sendall(GET)
        assert status(early) == 200


@pytest.mark.parametrize("more", [b"\r\n", b"\r\n\r\n", b"\r"])
def test_an_empty_line_after_a_request_begins_none(served, more):
    with served.connect(GET + more) as lasting:
        assert status(lasting) == 200
        served.wait_for(1, State.IDLE)
        (visitor,) = served.gate._visitors
        since = visitor.since
        lasting.sendall(b"\r\n" if more != b"\r" else b"\n")
        until(lambda: not visitor._raw)

        assert (visitor.state, visitor.since) == (State.IDLE, since)
        lasting.sendall(GET)
        assert status(lasting) == 200


def test_among_the_idle_the_longest_idle_makes_room(served, monkeypatch):
    with ExitStack() as begun:
        first = begun.enter_context(served.connect())
        served.wait_for(1, State.IDLE)
        monkeypatch.setattr(served.gate, "_most", 10)
        for _ in range(9):
            begun.enter_context(served.connect())
        served.wait_for(10, State.IDLE)
        assert served.ask() == 200
        assert status(first) == 0


def test_all_that_came_whole_before_a_half_close_is_answered(served):
    asked = b"".join(b"GET /?%d HTTP/1.1\r\nHost: a\r\n\r\n" % length for length in (1, 2, 3))
    with served.connect(asked) as connection:
        connection.shutdown(socket.SHUT_WR)
        said = whole(connection)

    assert said.count(b"HTTP/1.1 200") == 3
    # The last one ends the connection, and says so.
    assert [b"Connection: close" in part for part in said.split(b"HTTP/1.1 ")[1:]] == [
        False,
        False,
        True,
    ]


def test_half_a_request_before_a_half_close_is_not_waited_for(served):
    with served.connect(GET + GET[:20]) as connection:
        connection.shutdown(socket.SHUT_WR)
        assert whole(connection).count(b"HTTP/1.1 200") == 1
    until(lambda: not served.gate._visitors)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"HEAD / HTTP/1.1\r\nHost: a\r\nExpect: a-miracle\r\n\r\n", 417),
        (b"HEAD / HTTP/1.1\r\n\r\n", 400),
        (b"HEAD / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 40_000, 431),
        (b"HEAD /broken HTTP/1.1\r\nHost: a\r\n\r\n", 500),
        (
            b"HEAD / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
            400,
        ),
    ],
)
def test_a_refused_head_request_gets_no_body(served, raw, expected):
    with served.connect(raw) as connection:
        said = whole(connection)

    assert int(said.split()[1]) == expected
    assert b"Content-Length: " in said
    assert said.endswith(b"\r\n\r\n")


def test_a_head_request_in_a_line_too_long_gets_no_body(served, monkeypatch):
    monkeypatch.setattr(gates, "LONGEST_LINE", 0)
    with served.connect(b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n") as connection:
        said = whole(connection)

    assert said.startswith(b"HTTP/1.1 503 ")
    assert said.endswith(b"\r\n\r\n")


@pytest.mark.parametrize("method", [b"get", b"Get", b"head", b"pOST"])
def test_a_method_in_small_letters_is_none(served, method):
    assert served.ask(method + b" / HTTP/1.1\r\nHost: a\r\n\r\n") == 501
    assert served.told == []


@pytest.mark.parametrize("expected", [b"100-continue", b"a-miracle"])
def test_http_1_0_knows_no_expectations(served, expected):
    asked = b"POST / HTTP/1.0\r\nExpect: " + expected + b"\r\nContent-Length: 2\r\n\r\nab"

    assert served.ask(asked) == 200


def test_at_the_end_a_body_that_has_not_begun_is_told_so(served):
    with ExitStack() as begun:
        wait = begun.enter_context(served.connect(b"GET /wait HTTP/1.1\r\nHost: a\r\n\r\n"))
        served.wait_for(1)
        head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n"
        form = begun.enter_context(served.connect(head))
        served.wait_for(1, State.READING)
        served.stop()

        said = whole(form)
        assert said.startswith(b"HTTP/1.1 503 ")
        assert b"\r\nConnection: close\r\n" in said
        served.block.set()
        # It was asked on a connection that would have been kept.
        assert b"\r\nConnection: close\r\n" in whole(wait)


def test_at_the_end_those_who_wait_for_a_thread_are_told_that_the_connection_ends(served):
    with ExitStack() as begun:
        wait = b"GET /wait HTTP/1.1\r\nHost: a\r\n\r\n"
        asked = [begun.enter_context(served.connect(wait)) for _ in range(THREADS * 2)]
        served.wait_for(THREADS * 2)
        served.stop()
        until(lambda: served.gate.closing)
        served.block.set()
        assert all(b"\r\nConnection: close\r\n" in whole(one) for one in asked)
