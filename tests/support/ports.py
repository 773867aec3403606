"""Ports that nobody else is given while a test uses them."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def reserved_port() -> Iterator[int]:
    """
    Give a free port of loopback.

    It stays bound, without listening, until the end of the block: the system gives it to nobody
    who asks for any port, connections are refused, and a server that reuses addresses (all of ours
    do) may listen there.
    """
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        yield int(holder.getsockname()[1])


@pytest.fixture
def unused_port() -> Iterator[int]:
    with reserved_port() as port:
        yield port
