"""Whoever fills the memory for bodies makes room for others, not the other way round."""

import socket
import struct
from contextlib import ExitStack

import pytest

from nichandle.config.serving import gate as gates
from nichandle.config.serving.visitors import State
from nichandle.config.tests.gates import serving, status, until, whole

pytestmark = pytest.mark.slow

FORM = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 200\r\n\r\n" + b"a" * 200
LARGE = 90_000


@pytest.fixture
def served(unused_port, monkeypatch):
    """Three large bodies fill everything, one what a neighbourhood may have."""
    monkeypatch.setattr(gates, "MOST_HELD", 3 * LARGE)
    monkeypatch.setattr(gates, "MOST_OF_ONE", LARGE)
    monkeypatch.setattr(gates, "LITTLE", 1000)
    with serving(unused_port) as found:
        yield found


def upload(path: bytes = b"/", *, sent: int = LARGE) -> bytes:
    head = b"POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % (path, LARGE)
    return head + b"x" * sent


def almost_sent(served, begun: ExitStack, *sources: str) -> list:
    """Send uploads but for their last byte, and wait until they are kept."""
    found = []
    for number, source in enumerate(sources, 1):
        found.append(begun.enter_context(served.connect(upload(sent=LARGE - 1), source=source)))
        until(lambda count=number: served.gate.held == count * (LARGE - 1))
    return found


@pytest.mark.parametrize("source", ["127.0.0.1", "127.0.11.9"])
def test_three_uploads_almost_sent_refuse_nobody_a_form(served, source):
    with ExitStack() as begun:
        almost_sent(served, begun, "127.0.11.1", "127.0.12.1", "127.0.13.1")
        assert [served.ask(FORM, source=source) for _ in range(5)] == [200] * 5


def test_a_neighbourhood_that_wants_more_than_a_third_loses_its_own(served):
    with ExitStack() as begun:
        (first,) = almost_sent(served, begun, "127.0.11.1")
        # It came quickly, and has not moved since.
        (kept,) = served.gate._visitors
        until(lambda: kept.rate(served.gate.now()) == 0)
        second = begun.enter_context(served.connect(upload(sent=2000), source="127.0.11.2"))
        assert status_or_reset(first) == 0
        second.sendall(b"x" * (LARGE - 2000))
        assert status(second) == 200
        until(lambda: served.gate.held == 0)


def test_where_all_is_full_the_neighbourhood_that_keeps_most_makes_room(served):
    with ExitStack() as begun:
        held = almost_sent(served, begun, "127.0.11.1", "127.0.12.1", "127.0.13.1")
        assert served.ask(upload(), source="127.0.0.1") == 200
        for one in held:
            one.setblocking(False)
        lost = [one for one in held if not quiet(one)]
        assert len(lost) == 1


def status_or_reset(connection) -> int:
    try:
        return status(connection)
    except ConnectionResetError:
        return 0


def quiet(connection) -> bool:
    try:
        connection.recv(1)
    except BlockingIOError:
        return True
    except ConnectionResetError:
        return False
    return False


def test_whole_bodies_that_wait_for_a_thread_make_room_too_and_are_told(served):
    with ExitStack() as begun:
        ask = b"GET /wait HTTP/1.1\r\nHost: a\r\n\r\n"
        for number in range(21, 25):
            begun.enter_context(served.connect(ask, source=f"127.0.{number}.1"))
        served.wait_for(3)
        waiting = []
        for number in range(11, 14):
            source = f"127.0.{number}.1"
            waiting.append(begun.enter_context(served.connect(upload(), source=source)))
            until(lambda count=number - 10: served.gate.held == count * LARGE)
        form = begun.enter_context(served.connect(FORM))
        until(lambda: served.gate.held == 2 * LARGE + 200)
        served.block.set()

        assert status(form) == 200
        assert sorted(status(one) for one in waiting) == [200, 200, 503]
        until(lambda: served.gate.held == 0)
    assert len([body for _environ, body in served.told if len(body) == LARGE]) == 2


def test_the_body_of_who_has_gone_is_forgotten_before_its_turn(served):
    with ExitStack() as begun:
        ask = b"POST /wait HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
        for number in range(21, 25):
            begun.enter_context(served.connect(ask, source=f"127.0.{number}.1"))
        served.wait_for(3)
        with served.connect(upload(), source="127.0.11.1") as sender:
            until(lambda: served.gate.held == LARGE)
            # Closed like this it has gone; otherwise it may still wait for its answer.
            sender.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        until(lambda: served.gate.held == 0)
        served.block.set()
    assert all(len(body) == 0 for _environ, body in served.told)


def test_forms_in_a_crowd_have_an_end_as_well(served, monkeypatch):
    monkeypatch.setattr(gates, "MOST_HELD", 5000)
    monkeypatch.setattr(gates, "MOST_OF_ONE", 2000)
    head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n"
    with ExitStack() as begun:
        for number in range(1, 30):
            source = f"127.0.{number}.1"
            begun.enter_context(served.connect(head + b"x" * 900, source=source))
        until(lambda: served.gate.held and len(served.gate._waiting[State.READING]) <= 7)
        assert served.gate.held <= 7000


def test_an_upload_makes_room_for_a_neighbours_form(served):
    with ExitStack() as begun:
        form = begun.enter_context(served.connect(FORM[:-1], source="127.0.11.3"))
        until(lambda: served.gate.held == 199)
        begun.enter_context(served.connect(upload(sent=LARGE - 1), source="127.0.11.1"))
        # Together they are more than a third: the upload has to go.
        until(lambda: served.gate.held == 199)
        form.sendall(b"a")
        assert whole_status(form) == 200


def whole_status(connection) -> int:
    connection.shutdown(1)
    return int(whole(connection).split()[1])
