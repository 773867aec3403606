"""
The connections: a request is read whole before a thread is taken, an answer sent after it is free.

Each step has an end that dripping does not put off: ten seconds for a head, ten more for a body or
an answer, and beyond them only as long as it moves at a rate any line has. How many there may be,
and how much of their bodies and answers is kept, is bounded; where a bound is reached, who has
waited longest or moves slowest has to go, so that the next visitor always gets in.
"""

import asyncio
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
IDLE = 125.0
"""Seconds between two requests; longer than the proxies known keep a connection."""
LINGER = 2.0
"""Seconds in which somebody still sending can read why it is not taken."""
READ_AHEAD = 64 * 1024


class State(Enum):
    """What a connection is at."""

    READING, SERVED, ANSWERING, IDLE, LINGERING = range(5)


class Keeper(Protocol):
    """What a connection needs of the one who keeps them all."""

    held: int
    closing: bool
    longest_body: Callable[[bytes], int]

    def now(self) -> float: ...
    def soon(self, work: Callable[[], None]) -> None: ...
    def enter(self, visitor: "Visitor") -> None: ...
    def leave(self, visitor: "Visitor") -> None: ...
    def sort(self, visitor: "Visitor") -> None: ...
    def bound(self) -> None: ...
    def refusal(self, status: HTTPStatus) -> bytes: ...
    def serve(self, visitor: "Visitor", request: WholeRequest) -> None: ...


class Visitor(asyncio.Protocol):
    """One connection."""

    def __init__(self, gate: Keeper) -> None:
        self.gate = gate
        self.state = State.READING
        self.since = gate.now()
        self.moved = 0
        """Bytes of a body or of an answer since then."""
        self.held = 0
        self.gone = False
        self._raw = bytearray()
        self._scanned = 0
        self._head: RequestHead | None = None
        self._body = BytesIO()
        self._chunks = Chunks()
        self._closes = False
        self._unread = False
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
            return
        self._raw += data
        if self.state is State.IDLE:
            self._turn_to(State.READING)
        if self.state is State.READING:
            self._read()
        elif len(self._raw) > READ_AHEAD:
            self.transport.pause_reading()

    def eof_received(self) -> bool:
        # Who has said all there is to say may still wait for the answer.
        self._ended = True
        return self.state in {State.SERVED, State.ANSWERING}

    def connection_lost(self, _error: Exception | None) -> None:
        self.gone = True
        # What waits for a thread is kept until its turn, whoever has gone.
        if self.state is not State.SERVED:
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
        """Return how quickly a body or an answer moves, in bytes a second."""
        return self._progress() / (now - self.since + 0.001)

    def give_up(self, status: HTTPStatus | None = None) -> None:
        """End it, where somebody waits for an answer with a sentence."""
        if status is not None and self.state is State.READING and (self._head or self._raw):
            self.refuse(status)
        else:
            self.transport.abort()

    def hold(self, size: int) -> None:
        """Say how many bytes of body or answer are kept for this connection."""
        self.gate.held += size - self.held
        self.held = size

    def refuse(self, status: HTTPStatus) -> None:
        """Answer without asking the application, and end it."""
        self._closes = self._unread = True
        self.reply(self.gate.refusal(status))

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
            self.gate.bound()
        else:
            self._answer_sent()

    def _progress(self) -> int:
        if self.state is State.ANSWERING:
            return self.moved - self.transport.get_write_buffer_size()
        return self.moved

    def _turn_to(self, state: State) -> None:
        self.state, self.since, self.moved = state, self.gate.now(), 0
        self.gate.sort(self)

    def _read(self) -> None:
        try:
            if self._head is None and not self._take_head():
                return
            if self._take_body():
                self._hand_over()
        except Unreadable as reason:
            self.refuse(reason.status)

    def _take_head(self) -> bool:
        while self._raw.startswith(b"\r\n"):
            del self._raw[:2]
        end = self._raw.find(b"\r\n\r\n", max(self._scanned - 3, 0))
        if max(end, 0 if end >= 0 else len(self._raw)) > LONGEST_HEAD:
            raise Unreadable(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        self._scanned = len(self._raw)
        if end < 0:
            return False
        head = read_head(bytes(self._raw[:end]))
        del self._raw[: end + 4]
        self._head, self._scanned, self._chunks = head, 0, Chunks()
        self._closes = not head.keeps_open
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
            self.gate.bound()
        if self._too_large(head):
            return self._leave_unread()
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
        request = WholeRequest(head, self._body, length, self.peer, self._closes or self._ended)
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
        elif self._closes or self._ended or self.gate.closing:
            self.transport.close()
        elif self._raw:
            self.transport.resume_reading()
            self._turn_to(State.READING)
            # Not from here: somebody may have sent thousands in one go.
            self.gate.soon(self._read_on)
        else:
            self._turn_to(State.IDLE)

    def _read_on(self) -> None:
        if self.state is State.READING and not self.gone:
            self._read()
