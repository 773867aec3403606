"""Where one request ends and the next begins: nothing is smuggled in by saying it twice."""

import os
import re
import signal
import socket
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow
HIDDEN = b"GET /signin HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    """The product as it is served, on data of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NICHANDLE_")}
    kept.pop("DJANGO_SETTINGS_MODULE", None)
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        number = int(holder.getsockname()[1])
        world = {
            "NICHANDLE_DATA": str(tmp_path_factory.mktemp("data")),
            "NICHANDLE_PORT": str(number),
            "NICHANDLE_WEB_PROCESSES": "1",
        }
        served = subprocess.Popen(
            [sys.executable, "-m", "nichandle.config.cli", "serve", "--prepare"],
            env={**kept, **world},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert served.stdout
        assert "is ready" in served.stdout.readline()
        yield number
        served.send_signal(signal.SIGTERM)
        served.communicate(timeout=60)


def answers(port: int, *parts: bytes) -> list[int]:
    """Send it all on one connection; return the status of every answer that comes."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as talk:
        talk.sendall(b"".join(parts))
        talk.settimeout(2)
        heard = b""
        try:
            while more := talk.recv(65536):
                heard += more
        except OSError:
            pass
    return [int(found) for found in re.findall(rb"HTTP/1\.[01] (\d{3}) ", heard)]


def post(*headers: bytes) -> bytes:
    return b"POST /language HTTP/1.1\r\nHost: localhost\r\n" + b"\r\n".join(headers) + b"\r\n\r\n"


def test_two_requests_one_after_the_other_are_two(port):
    assert len(answers(port, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" * 2)) == 2


@pytest.mark.parametrize(
    "headers",
    [
        (b"Content-Length: 5", b"Transfer-Encoding: chunked"),
        (b"Transfer-Encoding: chunked", b"Content-Length: 5"),
    ],
)
def test_of_two_lengths_the_chunks_count_or_nothing_does(port, headers):
    """By its Content-Length the rest would be a request of its own."""
    inside = b"%x\r\n" % len(HIDDEN) + HIDDEN + b"\r\n0\r\n\r\n"

    assert len(answers(port, post(*headers), inside)) == 1


@pytest.mark.parametrize(
    "headers",
    [
        (b"Content-Length: 0", b"Content-Length: %d" % len(HIDDEN)),
        (b"Content-Length: %d" % len(HIDDEN), b"Content-Length: 0"),
        (b"Content-Length: +0",),
        (b"Content-Length: 0x2b",),
        (b"Transfer-Encoding: xchunked",),
        (b"Transfer-Encoding: chunked, identity",),
        (b"Transfer-Encoding : chunked",),
        (b"Content-Length : 0",),
    ],
)
def test_a_length_that_two_could_read_differently_ends_the_connection(port, headers):
    statuses = answers(port, post(*headers), HIDDEN)

    assert len(statuses) <= 1
    assert all(status in {400, 403, 411, 501} for status in statuses)
