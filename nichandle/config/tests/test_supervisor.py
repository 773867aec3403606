"""The supervisor: two processes kept alive, one line when the page answers, a clean end."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

WEB = """
import http.server, os, pathlib, sys
pathlib.Path(sys.argv[2]).write_text(str(os.getpid()))
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.headers["Host"] == "area.example" else 400)
        self.end_headers()
    def log_message(self, *words):
        pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Page).serve_forever()
"""
WORKER = """
import os, pathlib, sys, time
pathlib.Path(sys.argv[1]).write_text(str(os.getpid()))
time.sleep(600)
"""
SUPERVISE = """
import json, os, sys
from nichandle.config.serving.supervisor import Plan, run
plan = json.loads(sys.argv[1])
def program(command):
    return lambda: os.execvp(command[0], command)
web, worker = program(plan.pop("web")), program(plan.pop("worker"))
sys.exit(run(Plan(**plan, web=web, worker=worker)))
"""
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"


class Running:
    """A supervisor of its own, with a page and a worker that do nothing else."""

    def __init__(self, folder: Path, port: int, **changes):
        self.web_pid, self.worker_pid = folder / "web", folder / "worker"
        plan = {
            "host": "127.0.0.1",
            "port": port,
            "name": "area.example",
            "url": "http://area.example",
            "web": [sys.executable, "-c", WEB, str(port), str(self.web_pid)],
            "worker": [sys.executable, "-c", WORKER, str(self.worker_pid)],
            "lines": ["Diane Mercier: dm429850-OVH"],
            **changes,
        }
        self.process = subprocess.Popen(
            [sys.executable, "-c", SUPERVISE, json.dumps(plan)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def ready(self) -> list[str]:
        return [self.process.stdout.readline().strip(), self.process.stdout.readline().strip()]

    def end(self, number=signal.SIGTERM) -> tuple[int, str]:
        self.process.send_signal(number)
        words, noise = self.process.communicate(timeout=30)
        return self.process.returncode, words + noise


def pid(file: Path, *, other_than: int = 0) -> int:
    for _ in range(200):
        text = file.read_text() if file.exists() else ""
        if text and int(text) != other_than:
            return int(text)
        time.sleep(0.05)
    raise AssertionError(f"nothing writes {file.name}")


def alive(number: int) -> bool:
    try:
        state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def gone(number: int) -> bool:
    end = time.monotonic() + 10
    while alive(number) and time.monotonic() < end:
        time.sleep(0.02)
    return not alive(number)


@pytest.fixture
def run(tmp_path, unused_port):
    begun = []

    def start(**changes):
        begun.append(Running(tmp_path, unused_port, **changes))
        return begun[-1]

    yield start
    for each in begun:
        each.process.kill()
        each.process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_says_one_line_when_the_page_answers_and_ends_without_a_word(run, number):
    running = run()

    assert running.ready() == [
        "Nichandle is ready: http://area.example",
        "Diane Mercier: dm429850-OVH",
    ]
    web, worker = pid(running.web_pid), pid(running.worker_pid)
    assert running.end(number) == (0, "")
    assert gone(web)
    assert gone(worker)


@pytest.mark.parametrize("part", ["web_pid", "worker_pid"])
def test_a_killed_process_is_started_again(run, part):
    running = run()
    running.ready()
    file = getattr(running, part)
    first = pid(file)

    os.kill(first, signal.SIGKILL)
    second = pid(file, other_than=first)

    assert alive(second)
    code, noise = running.end()
    assert code == 0
    assert re.search(r"ended \(-9\); starting it again in 0\.5 s", noise)


def test_one_that_is_killed_again_and_again_comes_back_as_soon_each_time(run):
    running = run()
    running.ready()
    last = pid(running.web_pid)
    for _kill in range(4):
        time.sleep(1.2)
        os.kill(last, signal.SIGKILL)
        last = pid(running.web_pid, other_than=last)

    _code, noise = running.end()
    assert re.findall(r"ended \(-9\); starting it again in ([\d.]+) s", noise) == ["0.5"] * 4


def test_one_that_dies_at_once_is_started_less_and_less_often(run):
    running = run(worker=["false"])
    running.ready()
    # The waits themselves, 0.5, 1 and 2 seconds, are what is tried.
    time.sleep(4)

    _code, noise = running.end()
    waits = re.findall(r"the worker ended \(1\); starting it again in ([\d.]+) s", noise)
    assert waits[:3] == ["0.5", "1.0", "2.0"]


def test_a_killed_supervisor_leaves_nothing_behind(run):
    running = run()
    running.ready()
    web, worker = pid(running.web_pid), pid(running.worker_pid)

    running.end(signal.SIGKILL)

    assert gone(web)
    assert gone(worker)


def test_a_web_server_that_never_starts_is_given_up(run):
    running = run(web=["false"])
    words, noise = running.process.communicate(timeout=30)

    assert running.process.returncode == 1
    assert words == ""
    assert "does not start" in noise


def test_a_dying_worker_does_not_hold_up_the_page(run):
    running = run(worker=["false"])

    assert running.ready()[0].startswith("Nichandle is ready")
    assert running.end()[0] == 0


def test_a_process_that_ignores_the_request_to_end_is_killed(run, monkeypatch):
    running = run(worker=[sys.executable, "-c", STUBBORN])
    running.ready()

    assert running.end()[0] == 0
