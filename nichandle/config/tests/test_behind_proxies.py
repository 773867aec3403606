"""Behind real proxies: the caller is who they are, whatever they send."""

import itertools
import os
import shutil
import socket
import subprocess
import time
from contextlib import ExitStack, contextmanager

import pytest

from nichandle.config.serving import caller
from nichandle.config.tests.gates import HALF, serving, status
from tests.support.ports import reserved_port

pytestmark = pytest.mark.slow

CALLER = "127.0.7.7"
CADDY = """
{{
    admin off
    auto_https off
}}
:{port} {{
    bind 127.0.0.1
    reverse_proxy 127.0.0.1:{behind}
}}
"""
NGINX = """
daemon off;
pid {folder}/pid;
error_log stderr error;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u;
    scgi_temp_path {folder}/s;
    server {{
        listen 127.0.0.1:{port};
        client_body_buffer_size 1m;
        proxy_max_temp_file_size 0;
        {extra}
        location / {{
            proxy_pass http://127.0.0.1:{behind};
            proxy_set_header Host $host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        }}
    }}
}}
"""
HAPROXY = """
defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 60s
    option forwardfor
frontend f
    bind 127.0.0.1:{port}
    default_backend b
backend b
    server s 127.0.0.1:{behind}
"""
KINDS = {
    "caddy": (CADDY, ("caddy", "run", "--adapter", "caddyfile", "--config")),
    "nginx": (NGINX, ("nginx", "-c")),
    "nginx that passes underscores and streams": (NGINX, ("nginx", "-c")),
    "haproxy": (HAPROXY, ("haproxy", "-db", "-f")),
}
SPELLINGS = ("X-Forwarded-For", "X_Forwarded_For", "X-Forwarded_For", "x_forwarded-for")


@contextmanager
def proxied(kind, folder, behind):
    text, command = KINDS[kind]
    program = shutil.which(command[0], path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        pytest.skip(f"{command[0]} is not installed")
    extra = "underscores_in_headers on; proxy_request_buffering off;" if "that" in kind else ""
    with reserved_port() as port:
        file = folder / "config"
        file.write_text(text.format(port=port, behind=behind, folder=folder, extra=extra))
        environment = {"HOME": str(folder), "PATH": "/usr/bin:/bin"}
        words = [program, *command[1:], str(file)]
        with subprocess.Popen(words, env=environment, stderr=subprocess.DEVNULL) as process:
            try:
                _wait_for(port)
                yield port
            finally:
                process.terminate()
                process.wait(10)


def _wait_for(port):
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the proxy does not start")


def forged():
    """Return what somebody might send in front of a proxy: every pair of spellings, and order."""
    for first, second in itertools.product(SPELLINGS, repeat=2):
        yield f"{first}: 1.2.3.4\r\n{second}: 5.6.7.8\r\n"
        yield f"{first}: 1.2.3.4, 127.0.0.1\r\nForwarded: for=1.2.3.4\r\nX-Real-IP: 1.2.3.4\r\n"


@pytest.mark.parametrize("kind", KINDS)
def test_the_caller_cannot_be_forged(kind, tmp_path, unused_port, settings):
    settings.NICHANDLE_TRUSTED_PROXIES = ("127.0.0.1/32",)
    with serving(unused_port) as served, proxied(kind, tmp_path, unused_port) as port:
        served.port = port
        for lines in forged():
            asked = f"GET / HTTP/1.1\r\nHost: area.example\r\n{lines}\r\n"
            assert served.ask(asked.encode(), source=CALLER) == 200
        seen = {
            caller.address(told["REMOTE_ADDR"], told.get("HTTP_X_FORWARDED_FOR", ""))
            for told, _body in served.told
        }

    assert seen == {CALLER}
    assert len(served.told) == 2 * len(SPELLINGS) ** 2


@pytest.mark.parametrize("kind", KINDS)
def test_half_sent_forms_hold_no_thread(kind, tmp_path, unused_port):
    with (
        serving(unused_port) as served,
        proxied(kind, tmp_path, unused_port) as port,
        ExitStack() as open_until_then,
    ):
        served.port = port
        for _ in range(20):
            open_until_then.enter_context(served.connect(HALF, source=CALLER))
        time.sleep(0.3)  # a proxy that buffers shows nothing to wait for
        begun = time.monotonic()
        assert served.ask(source=CALLER) == 200
        assert time.monotonic() - begun < 2


@pytest.mark.parametrize("kind", KINDS)
def test_forms_files_and_many_requests_come_through(kind, tmp_path, unused_port):
    body = b"x" * 90_000
    whole = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 90000\r\n\r\n" + body
    pieces = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    pieces += b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    with serving(unused_port) as served, proxied(kind, tmp_path, unused_port) as port:
        served.port = port
        assert served.ask(whole) == 200
        assert served.ask(pieces) == 200
        with served.connect(b"GET /?100000 HTTP/1.1\r\nHost: a\r\n\r\n" * 3) as connection:
            assert status(connection) == 200

    assert [told for _environ, told in served.told[:2]] == [body, body]
