"""
The connections: a request is read whole before a thread is taken, an answer sent after it is free.

Each step has an end that dripping does not put off: ten seconds for a head, ten more for a body or
an answer, and beyond them only as long as it moves at a rate any line has. How many there may be,
and how much of their bodies and answers is kept, is bounded; where a bound is reached, who has
waited longest or moves slowest has to go, so that the next visitor always gets in.
"""

import asyncio
import re
from collections.abc import Callable
from enum import Enum
from http import HTTPStatus
from io import BytesIO
from typing import Any, Protocol, cast

from nichandle.config.serving.gateway import WholeRequest
from nichandle.config.serving.wire import LONGEST_HEAD, Chunks, RequestHead, Unreadable, read_head

PATIENCE = 10.0
"""Seconds for the head of a request, for its body, for an answer."""
SLOWEST = 32 * 1024
"""Bytes a second at which a body or an answer may take longer."""
IDLE = 630.0
"""
Seconds before a request, the first one too; longer than proxies and balancers keep a connection
(600 at most, of those known), so that none sends a request on one that is being closed.
"""
LINGER = 2.0
"""Seconds in which somebody still sending can read why it is not taken."""
READ_AHEAD = 64 * 1024
_EMPTY_LINES = re.compile(rb"(?:\r\n)+")


class State(Enum):
    """What a connection is at."""

    READING, SERVED, ANSWERING, IDLE, LINGERING = range(5)


class Keeper(Protocol):
    """What a connection needs of the one who keeps them all."""

    closing: bool
    longest_body: Callable[[bytes], int]

    def now(self) -> float: ...
    def soon(self, work: Callable[[], None]) -> None: ...
    def enter(self, visitor: "Visitor") -> None: ...
    def leave(self, visitor: "Visitor") -> None: ...
    def sort(self, visitor: "Visitor") -> None: ...
    def keep(self, whose: str, more: int) -> None: ...
    def bound(self, visitor: "Visitor") -> None: ...
    def refusal(self, status: HTTPStatus, *, head_only: bool) -> bytes: ...
    def neighbourhood(self, peer: str, head: RequestHead) -> str: ...
    def serve(self, visitor: "Visitor", request: WholeRequest) -> None: ...
    def withdraw(self, visitor: "Visitor") -> bool: ...


class Visitor(asyncio.Protocol):
    """One connection."""

    def __init__(self, gate: Keeper) -> None:
        self.gate = gate
        self.state = State.IDLE
        self.since = gate.now()
        self.whose = ""
        """The neighbourhood, as soon as a head says who asks."""
        self.moved = 0
        """Bytes of a body or of an answer since then."""
        self.held = 0
        self.gone = False
        self._marks = ((self.since, 0), (self.since, 0))
        self._raw = bytearray()
        self._scanned = 0
        self._reads_on = False
        self._head: RequestHead | None = None
        self._head_only = False
        self._body = BytesIO()
        self._chunks = Chunks()
        self._closes = False
        self._unread = False
        self._broken = False
        self._ended = False

    # What asyncio tells.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.set_write_buffer_limits(high=0)
        name: Any = self.transport.get_extra_info("peername")
        self.peer = str(name[0]) if name else ""
        self.gate.enter(self)

    def data_received(self, data: bytes) -> None:
        if self.state is State.LINGERING:
            # No browser sends what cannot be read, and reading on for it costs all others.
            if self._broken:
                self.transport.pause_reading()
            return
        self._raw += data
        if self.state is State.IDLE:
            # Some end a body with a line too many.
            if not self._begun():
                return
            self._turn_to(State.READING)
        if self.state is State.READING and not self._reads_on:
            self._read()
        elif len(self._raw) > READ_AHEAD:
            self.transport.pause_reading()

    def eof_received(self) -> bool:
        # Who has said all there is to say may still wait for the answer.
        self._ended = True
        return self._reads_on or self.state in {State.SERVED, State.ANSWERING}

    def connection_lost(self, _error: Exception | None) -> None:
        self.gone = True
        # What a thread has is kept until it is through, whoever has gone.
        if self.state is not State.SERVED or self.gate.withdraw(self):
            self.hold(0)
        self._body = BytesIO()
        self.gate.leave(self)

    def resume_writing(self) -> None:
        if self.state is State.ANSWERING:
            self._answer_sent()

    # What the gate asks and does.

    def overdue(self, now: float) -> bool:
        """Tell whether this step has taken too long."""
        if self.state is State.IDLE:
            return now - self.since > IDLE
        if self.state is State.LINGERING:
            return now - self.since > LINGER
        return now - self.since > PATIENCE + self._progress() / SLOWEST

    def rate(self, now: float) -> float:
        """Return how quickly a body or an answer has moved of late, in bytes a second."""
        at, before = self._marks[0]
        return (self._progress() - before) / (now - at + 0.001)

    def mark(self, now: float) -> None:
        """Forget, each second, what moved before the last: who was quick and stopped is slow."""
        self._marks = (self._marks[1], (now, self._progress()))

    def give_up(self, status: HTTPStatus | None = None) -> None:
        """End it, where somebody waits for an answer with a sentence."""
        if status is not None and self.state is State.READING and (self._head or self._raw):
            self.refuse(status)
        else:
            self.transport.abort()

    def hold(self, size: int) -> None:
        """Say how many bytes of body or answer are kept for this connection."""
        self.gate.keep(self.whose, size - self.held)
        self.held = size

    def refuse(self, status: HTTPStatus) -> None:
        """Answer without asking the application, and end it."""
        self._closes = self._unread = True
        unknown = self.state is State.READING and self._head is None
        only = self._raw.startswith(b"HEAD ") if unknown else self._head_only
        self.reply(self.gate.refusal(status, head_only=only))

    def reply(self, message: bytes, *, closes: bool = False) -> None:
        """Send an answer, and go on with the next request when it has left."""
        if self.gone:
            self.hold(0)
            return
        self._body = BytesIO()
        self._closes |= closes
        self._turn_to(State.ANSWERING)
        self.transport.write(message)
        # What the system took at once says nothing of whoever reads.
        self.moved = left = self.transport.get_write_buffer_size()
        self.hold(left)
        if left:
            self.gate.bound(self)
        else:
            self._answer_sent()

    def _progress(self) -> int:
        if self.state is State.ANSWERING:
            return self.moved - self.transport.get_write_buffer_size()
        return self.moved

    def _turn_to(self, state: State) -> None:
        self.state, self.since, self.moved = state, self.gate.now(), 0
        self._marks = ((self.since, 0), (self.since, 0))
        self.gate.sort(self)

    def _read(self) -> None:
        try:
            if (self._head is not None or self._take_head()) and self._take_body():
                self._hand_over()
        except Unreadable as reason:
            self._broken = True
            self.refuse(reason.status)
            return
        if self.state is State.READING and self._ended and not self._reads_on:
            self.transport.close()

    def _begun(self) -> bool:
        """Tell whether anything of a request is there; empty lines before it are none."""
        if found := _EMPTY_LINES.match(self._raw):
            del self._raw[: found.end()]
        return bytes(self._raw[:2]) not in (b"", b"\r")

    def _take_head(self) -> bool:
        if not self._begun():
            return False
        end = self._raw.find(b"\r\n\r\n", max(self._scanned - 3, 0))
        if max(end, 0 if end >= 0 else len(self._raw)) > LONGEST_HEAD:
            raise Unreadable(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        self._scanned = len(self._raw)
        if end < 0:
            return False
        head = read_head(bytes(self._raw[:end]))
        del self._raw[: end + 4]
        self._head, self._scanned, self._chunks = head, 0, Chunks()
        self._closes, self._head_only = not head.keeps_open, head.method == "HEAD"
        self.whose = self.gate.neighbourhood(self.peer, head)
        # The body has its own time; a head that took nine seconds does not shorten it.
        self._turn_to(State.READING)
        if head.expects and head.length != 0 and not self._raw and not self._too_large(head):
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return True

    def _too_large(self, head: RequestHead) -> bool:
        return max(head.length or 0, self.moved) > self.gate.longest_body(head.path)

    def _take_body(self) -> bool:
        """Take what has come of the body; true when it is whole, or too large to be read."""
        head = cast(RequestHead, self._head)
        if self._too_large(head):
            return self._leave_unread()
        if head.length is None:
            piece = self._chunks.take(self._raw)
        else:
            piece = bytes(self._raw[: head.length - self.moved])
            del self._raw[: len(piece)]
        if piece:
            self._body.write(piece)
            self.moved += len(piece)
            self.hold(self.moved)
            self.gate.bound(self)
        if self._too_large(head):
            return self._leave_unread()
        if self._chunks.more:
            self._read_on_soon()
        return self._chunks.done if head.length is None else self.moved == head.length

    def _leave_unread(self) -> bool:
        self._body = BytesIO()
        self._raw.clear()
        self._closes = self._unread = True
        return True

    def _hand_over(self) -> None:
        if self.gone or self.transport.is_closing():
            return
        head, self._head = cast(RequestHead, self._head), None
        length = self.moved if head.length is None else head.length
        self._body.seek(0)
        # Who has said all there is to say may have said several requests.
        last = self._closes or (self._ended and not self._begun())
        request = WholeRequest(head, self._body, length, self.peer, last)
        self._closes = request.closes
        self.state = State.SERVED
        self.gate.sort(self)
        self.gate.serve(self, request)

    def _answer_sent(self) -> None:
        self.hold(0)
        if self._unread and not self._ended:
            self.transport.write_eof()
            self._turn_to(State.LINGERING)
            self._raw.clear()
            self.transport.resume_reading()
        elif self._closes or self.gate.closing:
            self.transport.close()
        elif self._begun():
            self._turn_to(State.READING)
            # Not from here: somebody may have sent thousands in one go.
            self._read_on_soon()
        elif self._ended:
            self.transport.close()
        else:
            self.transport.resume_reading()
            self._turn_to(State.IDLE)

    def _read_on_soon(self) -> None:
        self._reads_on = True
        self.gate.soon(self._read_on)

    def _read_on(self) -> None:
        self._reads_on = False
        if self.state is State.READING and not self.gone:
            self._read()
            if len(self._raw) <= READ_AHEAD:
                self.transport.resume_reading()
