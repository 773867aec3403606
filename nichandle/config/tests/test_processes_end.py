"""Several web processes at their end: nobody is let in any more, and who was is answered."""

import os
import select
import signal
import socket
import subprocess
import sys

import pytest

from nichandle.config.tests.gates import until, whole

pytestmark = pytest.mark.slow
HEAD = b"POST /language HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n"


@pytest.fixture
def running(tmp_path, unused_port):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NICHANDLE_")}
    kept.pop("DJANGO_SETTINGS_MODULE", None)
    world = {
        "NICHANDLE_DATA": str(tmp_path),
        "NICHANDLE_PORT": str(unused_port),
        "NICHANDLE_WEB_PROCESSES": "2",
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
    yield served, unused_port
    served.kill()
    served.communicate(timeout=60)


def test_nobody_is_let_in_while_a_body_still_comes(running):
    served, port = running
    with socket.create_connection(("127.0.0.1", port), timeout=10) as form:
        # Its head has been read as soon as it is told to go on.
        form.sendall(HEAD + b"Expect: 100-continue\r\n\r\n")
        assert form.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        form.sendall(b"a=1")
        served.send_signal(signal.SIGTERM)
        until(lambda: refused(port))

        readable, _writable, _odd = select.select([form], [], [], 0)
        assert not readable, "the processes had ended before anybody was refused"
        assert whole(form).startswith(b"HTTP/1.1 503 ")
    served.wait(20)


def refused(port: int) -> bool:
    """Tell whether a new visitor is sent away at once, not let in and never heard."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as visitor:
            visitor.sendall(
                b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            )
            whole(visitor)
    except ConnectionRefusedError:
        return True
    except ConnectionResetError:
        # It came at the moment of the end.
        return False
    return False
