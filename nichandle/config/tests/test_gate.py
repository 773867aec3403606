"""Whoever sends or reads slowly holds no thread, and does not keep the next visitor out."""

import select
import time
from contextlib import ExitStack

import pytest

from nichandle.config.serving import gate as gates
from nichandle.config.serving import visitors
from nichandle.config.tests.gates import HALF, LIMIT, serving, status, until, whole

pytestmark = pytest.mark.slow


@pytest.fixture
def served(unused_port, monkeypatch):
    monkeypatch.setattr(visitors, "PATIENCE", 1.0)
    monkeypatch.setattr(visitors, "IDLE", 1.0)
    with serving(unused_port) as found:
        yield found


def test_half_sent_forms_hold_no_thread_and_are_given_up(served):
    with ExitStack() as open_until_then:
        halves = [open_until_then.enter_context(served.connect(HALF)) for _ in range(50)]

        assert served.ask() == 200
        assert [status(half) for half in halves] == [408] * 50
    assert len(served.told) == 1


@pytest.mark.parametrize("begun", [b"", b"GE", b"GET / HTTP/1.1\r\nHost: a\r\nX: "])
def test_half_sent_heads_are_given_up(served, begun):
    with served.connect(begun) as half:
        assert served.ask() == 200
        begun_at = time.monotonic()
        assert status(half) in {0, 408, 503}
        assert time.monotonic() - begun_at < 4


@pytest.mark.parametrize("begun", [HALF, b"GET / HTTP/1.1\r\nHost: a\r\nX: "])
def test_dripping_does_not_help(served, begun):
    begun_at = time.monotonic()
    with served.connect(begun) as drip:
        drip.settimeout(0.2)
        while time.monotonic() - begun_at < 5:
            try:
                drip.sendall(b"a")
                if drip.recv(10) or True:
                    break
            except TimeoutError:
                continue
            except OSError:
                break
    assert time.monotonic() - begun_at < 4


def test_a_body_that_moves_is_waited_for(served, monkeypatch):
    monkeypatch.setattr(visitors, "SLOWEST", 10_000)
    body = b"x" * 60_000
    head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n"
    with served.connect(head) as upload:
        for begin in range(0, 60_000, 10_000):
            upload.sendall(body[begin : begin + 10_000])
            time.sleep(0.5)  # the pace is what is tried
        assert status(upload) == 200
    assert served.told[0][1] == body


def test_slow_readers_hold_no_thread_and_are_given_up(served):
    asked = b"GET /?8000000 HTTP/1.1\r\nHost: a\r\n\r\n"
    with ExitStack() as open_until_then:
        for _ in range(10):
            open_until_then.enter_context(served.connect(asked))
        until(lambda: len(served.told) == 10)
        assert served.ask() == 200
        until(lambda: served.gate.held == 0)


def test_a_thousand_half_open_connections_do_not_keep_the_next_visitor_out(served, monkeypatch):
    monkeypatch.setattr(served.gate, "_most", 100)
    with ExitStack() as open_until_then:
        for _ in range(300):
            open_until_then.enter_context(served.connect(b"GET / HTTP/1.1\r\n"))
        assert served.ask() == 200
        assert len(served.gate._visitors) <= 101


def test_bodies_together_are_bounded_and_the_slowest_goes(served, monkeypatch):
    def pace(visitor):
        return visitor.rate(served.gate.now())

    monkeypatch.setattr(gates, "MOST_HELD", 200_000)
    head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 90000\r\n\r\n"
    with served.connect(head + b"x" * 80_000) as slow:
        until(lambda: served.gate.held >= 80_000)
        # Half a second after its last byte it is slower than whoever has just come.
        until(lambda: max(map(pace, served.gate._visitors.copy())) < 160_000)
        with served.connect(head + b"x" * 80_000), served.connect(head + b"x" * 90_000) as quick:
            assert status(quick) == 200
        assert status(slow) in {0, 408}


@pytest.mark.parametrize("coding", [b"Content-Length: 200000", b"Transfer-Encoding: chunked"])
def test_a_body_too_large_is_not_read_and_the_application_says_so(served, coding):
    head = b"POST / HTTP/1.1\r\nHost: a\r\n" + coding + b"\r\n\r\n"
    chunk = b"20000\r\n" + b"x" * 0x20000
    with served.connect(head + (chunk if b"chunked" in coding else b"x" * 1000)) as large:
        assert status(large) == 200
    environ, body = served.told[0]
    assert int(environ["CONTENT_LENGTH"]) > LIMIT
    assert body == b""


def test_who_waits_for_a_word_before_sending_gets_it(served):
    head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n"
    with served.connect(head) as polite:
        assert status(polite) == 100
        polite.sendall(b"abc")
        assert status(polite) == 200
    assert served.told[0][1] == b"abc"


def test_several_requests_on_one_connection_are_answered_in_their_order(served):
    asked = b"".join(b"GET /?%d HTTP/1.1\r\nHost: a\r\n\r\n" % length for length in (1, 2, 3))
    last = b"GET /?4 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    with served.connect(asked + last) as connection:
        said = whole(connection)

    assert [len(part.split(b"\r\n\r\n")[1]) for part in said.split(b"HTTP/1.1 ")[1:]] == [
        1,
        2,
        3,
        4,
    ]


def test_the_application_hears_nothing_of_this_process(served, monkeypatch):
    monkeypatch.setenv("NICHANDLE_SOMETHING", "secret")
    served.ask(b"GET /%C3%A9?a=b HTTP/1.1\r\nHost: a\r\nX_Real_Ip: 1.2.3.4\r\n\r\n")

    environ, _body = served.told[0]
    assert "secret" not in str(environ)
    assert "HTTP_X_REAL_IP" not in environ
    assert environ["PATH_INFO"].encode("latin-1").decode() == "/é"
    assert environ["REMOTE_ADDR"] == "127.0.0.1"


def test_one_neighbourhood_never_has_all_threads(served):
    wait = b"GET /wait HTTP/1.1\r\nHost: a\r\n\r\n"
    with ExitStack() as open_until_then:
        for _ in range(20):
            open_until_then.enter_context(served.connect(wait, source="127.0.9.1"))
        served.wait_for(20)
        assert served.ask(source="127.0.0.1") == 200


def test_what_changes_something_never_has_all_threads(served):
    wait = b"POST /wait HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
    with ExitStack() as open_until_then:
        for number in range(20):
            open_until_then.enter_context(served.connect(wait, source=f"127.0.{number}.1"))
        served.wait_for(20)
        assert served.ask(source="127.0.0.1") == 200
        assert served.ask(source="127.0.1.1") == 200


def test_who_reads_does_not_wait_for_neighbours_who_change_something(served):
    wait = b"POST /wait HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
    with ExitStack() as open_until_then:
        for _ in range(20):
            open_until_then.enter_context(served.connect(wait))
        served.wait_for(20)
        assert served.ask(source="127.0.1.1") == 200
        assert served.ask() == 200


def test_who_has_a_long_line_waits_behind_themselves(served, monkeypatch):
    monkeypatch.setattr(gates, "LONGEST_LINE", 10)
    wait = b"GET /wait HTTP/1.1\r\nHost: a\r\n\r\n"
    with ExitStack() as open_until_then:
        sent, answered = [], []

        def one_more():
            # They are read in any order, and threads take some out of a line that was full.
            sent.append(open_until_then.enter_context(served.connect(wait)))
            answered[:] = select.select(sent, [], [], 0)[0]
            return answered

        until(one_more)
        assert status(answered[0]) == 503
        assert served.ask(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n") == 200


def test_whoever_asks_whether_it_lives_does_not_wait(served):
    with ExitStack() as open_until_then:
        for number in range(20):
            wait = b"GET /wait HTTP/1.1\r\nHost: a\r\n\r\n"
            open_until_then.enter_context(served.connect(wait, source=f"127.0.{number}.1"))
        served.wait_for(20)
        assert served.ask(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n") == 200


def test_what_breaks_is_answered_without_a_word_of_it(served, caplog):
    with served.connect(b"GET /broken HTTP/1.1\r\nHost: a\r\n\r\n") as connection:
        said = whole(connection)

    assert said.startswith(b"HTTP/1.1 500 ")
    assert b"as said" not in said
    assert "/broken" not in caplog.messages[0]


def test_at_the_end_what_was_asked_is_answered_and_nobody_else_is_waited_for(served):
    with ExitStack() as open_until_then:
        wait = b"POST /wait HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
        # First, so that it has been let in when the others are served.
        half = open_until_then.enter_context(served.connect(HALF))
        asked = [open_until_then.enter_context(served.connect(wait)) for _ in range(6)]
        served.wait_for(6)
        served.stop()
        until(lambda: served.gate.closing)
        served.block.set()
        assert [status(one) for one in asked] == [200] * 6
        assert status(half) in {0, 408}
        with pytest.raises(OSError, match="refused"):
            served.connect()
