"""
Password sign-ins over HTTP, as fast as several connections can, and the limit of the hash.

Shared by the benches that measure them.
"""

import itertools
import multiprocessing
import os
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from urllib.parse import quote, urlencode

PASSWORD = "lavender tram across winter"
CSRF = "bench" + "x" * 27
BROWSER = "a browser that has signed in before"
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
HASHES_IN_A_BATCH = 4
PORTABLE = "portable, small pages"
FORM, PAGE_AND_FORM, NEW_NETWORK = "form", "page and form", "form from a new network"
KINDS = (FORM, PAGE_AND_FORM, NEW_NETWORK)
SHOWN = re.compile(rb"^HTTP/1.1 200 ")
OPENED = re.compile(
    rb"^HTTP/1.1 302 .*\r\nset-cookie: +session=[^;]{20}", re.IGNORECASE | re.DOTALL
)
Turn = list[tuple[bytes, re.Pattern[bytes]]]
_networks = itertools.count()


def create(count: int) -> list[str]:
    from django.db import transaction  # noqa: PLC0415 - only now are the settings there

    from nichandle.identity.accounts import operations  # noqa: PLC0415 - likewise
    from nichandle.identity.accounts.passwords import hash_password  # noqa: PLC0415 - likewise
    from nichandle.identity.handles.operations import issue  # noqa: PLC0415 - likewise
    from nichandle.platform.kernel.act import Act  # noqa: PLC0415 - likewise

    password_hash, length_class = hash_password(PASSWORD)
    now, handles = datetime.now(UTC), []
    for number in range(count):
        with transaction.atomic():
            account = operations.create_opening(
                email=f"n{number}@example.org",
                password_hash=password_hash,
                length_class=length_class,
                country="FR",
                language="fr",
                act=Act.by_itself(now),
            )
            handle = issue(letters="dm", now=now)
            operations.open_with(
                account, kind="individual", details={}, handle=handle, act=Act.by_itself(now)
            )
            handles.append(handle.text)
    return handles


def live(sessions: int, handles: list[str]) -> None:
    """Leave those who sign in with this many live sessions each."""
    from django.db import connection  # noqa: PLC0415 - only now are the settings there

    from nichandle.platform.kernel import tokens  # noqa: PLC0415 - likewise

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE signin_session")
        cursor.execute(
            "INSERT INTO signin_session (key_digest, account_id, data, created_at, last_used_at, "
            "expires_at, idle_seconds, fresh_at, agent) SELECT md5(a.id::text || n), a.id, '{}', "
            "now(), now(), now() + interval '30 days', 1800, now(), '' "
            "FROM accounts_account a JOIN handles_handle h ON h.id = a.handle_id, "
            "generate_series(1, %s) n WHERE h.text = ANY(%s)",
            [sessions, handles],
        )
        cursor.execute("ANALYZE signin_session")
        # Everybody has signed in before, from their browser and one network.
        cursor.execute("TRUNCATE signin_knownbrowser")
        cursor.execute(
            "INSERT INTO signin_knownbrowser (account_id, digest, network, first_at, last_at) "
            "SELECT a.id, %s, '192.0.2.0/24', now(), now() FROM accounts_account a "
            "JOIN handles_handle h ON h.id = a.handle_id WHERE h.text = ANY(%s) "
            "ON CONFLICT DO NOTHING",
            [tokens.digest(quote(BROWSER)), handles],
        )


def start(environment: dict[str, str], port: int) -> subprocess.Popen[bytes]:
    """Start all that serves, the worker too."""
    command = [sys.executable, "-m", "nichandle.config.cli", "serve"]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    for _ in range(300):
        try:
            urllib.request.urlopen(f"http://localhost:{port}/healthz").read()
        except OSError:
            time.sleep(0.1)
        else:
            return server
    raise SystemExit("the server did not answer")


def turns(port: int, handles: list[str], kind: str) -> Iterator[Turn]:
    """Yield sign-ins of the product, of one customer after the other."""
    for handle in itertools.cycle(handles):
        sent = (form(port, handle, kind), OPENED)
        yield [(page(port), SHOWN), sent] if kind == PAGE_AND_FORM else [sent]


def form(port: int, handle: str, kind: str) -> bytes:
    body = urlencode(
        {"identifier": handle, "password": PASSWORD, "csrfmiddlewaretoken": CSRF}
    ).encode()
    number = next(_networks) if kind == NEW_NETWORK else 0
    where = f"10.{number >> 8 & 255}.{number & 255}.7" if kind == NEW_NETWORK else "192.0.2.1"
    head = (
        f"POST /signin HTTP/1.1\r\nHost: localhost:{port}\r\n"
        f"X-Forwarded-For: {where}\r\nUser-Agent: {AGENT}\r\n"
        f"Cookie: csrf={CSRF}; browser={quote(BROWSER)}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def page(port: int) -> bytes:
    return (
        f"GET /signin HTTP/1.1\r\nHost: localhost:{port}\r\nX-Forwarded-For: 192.0.2.1\r\n"
        f"User-Agent: {AGENT}\r\nCookie: csrf={CSRF}; browser={quote(BROWSER)}\r\n\r\n"
    ).encode()


def load(
    port: int, turns: Iterator[Turn], *, clients: int, seconds: float
) -> tuple[float, list[float]]:
    """
    Sign in from several connections for some time; return sign-ins a second and each time.

    A turn is what is sent, one message after the other, each with what its answer must begin with
    and must have in its head: a sign-in that opens no session ends the bench.
    """
    lock, spent, until = threading.Lock(), list[float](), time.monotonic() + seconds

    def client() -> None:
        with socket.create_connection(("127.0.0.1", port)) as connection:
            while time.monotonic() < until:
                with lock:
                    turn = next(turns)
                begun = time.perf_counter()
                for message, wanted in turn:
                    connection.sendall(message)
                    head = read_answer(connection)
                    if not wanted.search(head):
                        raise SystemExit(f"not signed in: {head!r}")
                spent.append(time.perf_counter() - begun)

    begun = time.monotonic()
    with ThreadPoolExecutor(clients) as pool:
        for one in [pool.submit(client) for _ in range(clients)]:
            one.result()
    return len(spent) / (time.monotonic() - begun), spent


def read_answer(connection: socket.socket) -> bytes:
    """Read an answer to its end and return its head."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += received(connection)
    head, _, rest = data.partition(b"\r\n\r\n")
    length = re.search(rb"\r\ncontent-length: (\d+)", head, flags=re.IGNORECASE)
    while length and len(rest) < int(length[1]):
        rest += received(connection)
    return head


def received(connection: socket.socket) -> bytes:
    data = connection.recv(65536)
    if not data:
        raise SystemExit("the server has closed the connection")
    return data


def builds_here() -> list[str]:
    """Return the builds that limits are measured with: the portable one, and the best there is."""
    from nichandle.config.installation import hugepages  # noqa: PLC0415 - only now are the settings there
    from nichandle.identity.accounts.passwords import builds  # noqa: PLC0415 - likewise

    pages = "small pages" if hugepages.trouble() else "huge pages"
    best = f"{builds.chosen().name}, {pages}"
    return [PORTABLE] if best == PORTABLE else [PORTABLE, best]


def hash_limit(build: str, seconds: float) -> tuple[float, float]:
    """Verify hashes on all cores at once; return how many a second, and one's processor time."""
    from nichandle.config.installation import hugepages  # noqa: PLC0415 - only now are the settings there

    given = os.environ.get("GLIBC_TUNABLES")
    if build != PORTABLE:
        # The processes below begin anew, with this.
        os.environ.update(hugepages.tunables())
    cores = os.cpu_count() or 1
    try:
        with multiprocessing.get_context("spawn").Pool(cores) as pool:
            pool.starmap(verify_for, [(build, 0.3)] * cores)
            done = pool.starmap(verify_for, [(build, seconds)] * cores)
    finally:
        if given is None:
            os.environ.pop("GLIBC_TUNABLES", None)
    rate = sum(count / spent for count, spent, _cpu in done)
    return rate, sum(cpu for *_, cpu in done) / sum(count for count, *_ in done)


def verify_for(build: str, seconds: float) -> tuple[int, float, float]:
    verify = by_the_package() if build == PORTABLE else by_the_best()
    count, begun = 0, time.monotonic()
    cpu = time.process_time()
    while time.monotonic() - begun < seconds:
        for _ in range(HASHES_IN_A_BATCH):
            assert verify()
        count += HASHES_IN_A_BATCH
    return count, time.monotonic() - begun, time.process_time() - cpu


def by_the_package() -> Callable[[], bool]:
    from argon2 import PasswordHasher  # noqa: PLC0415 - only now are the settings there

    hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
    return partial(hasher.verify, hasher.hash(PASSWORD), PASSWORD)


def by_the_best() -> Callable[[], bool]:
    from nichandle.identity.accounts.passwords import builds  # noqa: PLC0415 - likewise

    library = builds.chosen().library
    if library is None:
        return by_the_package()
    encoded = library.encode(
        PASSWORD.encode(), b"somesaltsomesalt", time=2, kibibytes=19456, lanes=1, length=32
    )
    return partial(library.verify, encoded.encode(), PASSWORD.encode())


def cpu_seconds(roots: dict[str, int]) -> dict[str, float]:
    """Return the processor time of each of these processes, with all below it but the others."""
    parents, taken = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(folder.name)] = int(fields[1])
        taken[int(folder.name)] = int(fields[11]) + int(fields[12])
    names, found = {process: name for name, process in roots.items()}, dict.fromkeys(roots, 0.0)
    for process, ticks in taken.items():
        nearest = next((one for one in ancestry(process, parents) if one in names), None)
        if nearest is not None:
            found[names[nearest]] += ticks / os.sysconf("SC_CLK_TCK")
    return found


def ancestry(process: int, parents: dict[int, int]) -> Iterator[int]:
    while process:
        yield process
        process = parents.get(process, 0)
