"""The gate: all connections of a process, what they may take up together, and who is served."""

import asyncio
import logging
import resource
import socket
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus

from nichandle.config.serving import caller
from nichandle.config.serving.gateway import Application, WholeRequest, answered, environ
from nichandle.config.serving.turns import Turn, Turns
from nichandle.config.serving.visitors import State, Visitor
from nichandle.config.serving.wire import RequestHead, answer

log = logging.getLogger("nichandle.web")

MOST_CONNECTIONS = 4096
OTHER_FILES = 512
"""Of the files a process may have open, so many are for others than visitors."""
MOST_HELD = 96 * 1024 * 1024
"""Bytes of bodies and answers kept at once: three of the largest uploads."""
MOST_OF_ONE = 32 * 1024 * 1024
"""Bytes kept for one neighbourhood: a third."""
LITTLE = 64 * 1024
"""Bytes that make room for nobody: any form, where its neighbourhood holds no more than it."""
LONGEST_LINE = 200
"""So many requests of one neighbourhood may wait for a thread."""
AT_ONCE = 64
BACKLOG = 2048
PROBES = (b"/healthz", b"/readyz")
READING_METHODS = {"GET", "HEAD", "OPTIONS"}
STOP_SECONDS, STOP_READING_SECONDS = 8.0, 2.0
"""For what is being answered when the end is asked for, and for bodies on their way."""


class Gate:
    """Lets visitors in, and keeps the accounts."""

    def __init__(
        self,
        application: Application,
        *,
        threads: int,
        sentences: dict[HTTPStatus, str],
        longest_body: Callable[[bytes], int],
        address: tuple[str, int],
    ) -> None:
        self.application = application
        self.longest_body = longest_body
        self.held = 0
        self.closing = False
        self._sentences = sentences
        self._address = address
        self._visitors: set[Visitor] = set()
        self._waiting: dict[State, OrderedDict[Visitor, None]] = {
            state: OrderedDict() for state in State if state is not State.SERVED
        }
        self._turns = Turns(threads, "web")
        self._kept: dict[str, int] = {}
        self._lined_up: dict[Visitor, tuple[Turns, Turn]] = {}
        most, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        self._most = max(min(MOST_CONNECTIONS, most - OTHER_FILES), AT_ONCE)

    async def run(self, listener: socket.socket, stop: asyncio.Event) -> None:
        """Serve until told to stop, and answer then what has been asked."""
        self._loop = asyncio.get_running_loop()
        # Whoever asks whether the process lives does not stand behind visitors.
        self._probes = Turns(1, "probe")
        server = await self._loop.create_server(
            lambda: Visitor(self), sock=listener, backlog=AT_ONCE
        )
        # asyncio takes its backlog for the number of visitors to accept in one go, too.
        listener.listen(BACKLOG)
        sweeping = self._loop.create_task(self._sweep())
        await stop.wait()
        server.close()
        await self._finish()
        sweeping.cancel()

    # For visitors.

    def now(self) -> float:
        return self._loop.time()

    def soon(self, work: Callable[[], None]) -> None:
        self._loop.call_soon(work)

    def enter(self, visitor: Visitor) -> None:
        self._visitors.add(visitor)
        self.sort(visitor)
        if len(self._visitors) > self._most:
            crowd = max(self._waiting.values(), key=len)
            longest = next(iter(crowd), visitor)
            self.leave(longest)
            longest.give_up()

    def leave(self, visitor: Visitor) -> None:
        self._visitors.discard(visitor)
        for waiting in self._waiting.values():
            waiting.pop(visitor, None)

    def sort(self, visitor: Visitor) -> None:
        """Put a visitor, whose state has changed, behind those who have been in it longer."""
        for waiting in self._waiting.values():
            waiting.pop(visitor, None)
        if visitor.state in self._waiting:
            self._waiting[visitor.state][visitor] = None

    def keep(self, whose: str, more: int) -> None:
        """Count bytes of bodies and answers for a neighbourhood; ``more`` may be negative."""
        self.held += more
        kept = self._kept.get(whose, 0) + more
        if kept:
            self._kept[whose] = kept
        else:
            self._kept.pop(whose, None)

    def bound(self, visitor: Visitor) -> None:
        """Where too much is kept, let those go that move slowest where most is kept."""
        while self.held > MOST_HELD or self._kept.get(visitor.whose, 0) > MOST_OF_ONE:
            one = self._next_to_go(visitor.whose)
            if one is None:
                return
            if one.state is not State.SERVED:
                one.hold(0)
                one.give_up()
            elif self.withdraw(one):
                one.refuse(HTTPStatus.SERVICE_UNAVAILABLE)

    def _next_to_go(self, whose: str) -> Visitor | None:
        moving = (*self._waiting[State.READING], *self._waiting[State.ANSWERING])
        holding: dict[str, list[Visitor]] = {}
        for one in (*moving, *self._lined_up):
            if one.held:
                holding.setdefault(one.whose, []).append(one)
        if self._kept.get(whose, 0) > MOST_OF_ONE:
            found = self._slowest(holding.get(whose, []), LITTLE)
            if found is not None or self.held <= MOST_HELD:
                return found
        # What is little together has an end, too.
        spared = LITTLE if self.held <= MOST_HELD + MOST_OF_ONE else 0
        chosen: list[Visitor] = []
        for each in sorted(holding, key=self._kept.__getitem__, reverse=True):
            # Among those that keep about as much it is not the last byte that decides.
            if chosen and self._kept[each] * 2 < self._kept[chosen[0].whose]:
                break
            found = self._slowest(holding[each], spared)
            if found is not None:
                chosen.append(found)
        return min(chosen, key=self._pace, default=None)

    def _slowest(self, holding: list[Visitor], spared: int) -> Visitor | None:
        """Return who of a neighbourhood has to go, unless what they hold together is spared."""
        if sum(one.held for one in holding) <= spared:
            return None
        large = [one for one in holding if one.held > LITTLE]
        return min(large or holding, key=self._pace)

    def _pace(self, visitor: Visitor) -> tuple[bool, float]:
        return visitor.state is State.SERVED, visitor.rate(self.now())

    def refusal(self, status: HTTPStatus, *, head_only: bool = False) -> bytes:
        fields = [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Security-Policy", "default-src 'none'"),
            ("X-Content-Type-Options", "nosniff"),
            ("Cache-Control", "no-store"),
        ]
        if status is HTTPStatus.SERVICE_UNAVAILABLE:
            fields.append(("Retry-After", "5"))
        body = self._sentences.get(status, self._sentences[HTTPStatus.BAD_REQUEST]).encode()
        line = f"{status.value} {status.phrase}"
        return answer(line, fields, body, head_only=head_only, closes=True)

    def neighbourhood(self, peer: str, head: RequestHead) -> str:
        return caller.neighbourhood(peer, head.fields.get("x-forwarded-for", ""))

    def serve(self, visitor: Visitor, request: WholeRequest) -> None:
        """Have a whole request answered by a thread, when it is its neighbourhood's turn."""
        turns = self._probes if request.head.path in PROBES else self._turns
        if turns.waiting(visitor.whose) >= LONGEST_LINE:
            visitor.refuse(HTTPStatus.SERVICE_UNAVAILABLE)
            return

        def work() -> None:
            message, closes = (b"", True) if visitor.gone else self._answer(request)
            with suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._give, visitor, message, closes)

        turn = Turn(visitor.whose, request.head.method in READING_METHODS, work)
        self._lined_up[visitor] = (turns, turn)
        turns.wait(turn)

    def withdraw(self, visitor: Visitor) -> bool:
        """Take a visitor's request out of its line; false when a thread has it already."""
        turns, turn = self._lined_up.pop(visitor, (self._turns, None))
        return turn is not None and turns.withdraw(turn)

    def _give(self, visitor: Visitor, message: bytes, closes: bool) -> None:
        self._lined_up.pop(visitor, None)
        visitor.reply(message, closes=closes)

    def _answer(self, request: WholeRequest) -> tuple[bytes, bool]:
        """Return the answer, and whether the connection ends with it."""
        head_only = request.head.method == "HEAD"
        try:
            host, port = self._address
            told = environ(request, host=host, port=port)
            status, fields, body = answered(self.application, told)
        except Exception:
            log.exception("a request could not be answered")
            return self.refusal(HTTPStatus.INTERNAL_SERVER_ERROR, head_only=head_only), True
        # The end may have been asked for meanwhile.
        closes = request.closes or self.closing
        return answer(status, fields, body, head_only=head_only, closes=closes), closes

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(1)
            now = self.now()
            for waiting in self._waiting.values():
                for visitor in [one for one in waiting if one.overdue(now)]:
                    visitor.give_up(HTTPStatus.REQUEST_TIMEOUT)
            for visitor in (*self._waiting[State.READING], *self._waiting[State.ANSWERING]):
                visitor.mark(now)

    async def _finish(self) -> None:
        self.closing = True
        begun = self.now()
        while self._visitors and self.now() - begun < STOP_SECONDS:
            for visitor in list(self._visitors):
                if visitor.state is State.IDLE:
                    visitor.transport.abort()
                elif visitor.state is State.READING and (
                    not visitor.moved or self.now() - begun > STOP_READING_SECONDS
                ):
                    visitor.give_up(HTTPStatus.SERVICE_UNAVAILABLE)
            await asyncio.sleep(0.02)
