"""A bounded number of places for work, and a bounded queue for them, shared out by client.

A client is an address, or a network of IPv6, of which one subscriber has 2^64 addresses.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections import Counter, deque
from collections.abc import Callable

from kg.server.problems import Problem
from kg.server.settings import ServerSettings
from kg.server.trace import current

__all__ = ["Places", "client_of"]

_SUBSCRIBER_BITS = 64


def client_of(address: str) -> str:
    """Whom an address counts as.

    >>> client_of("192.0.2.7"), client_of("2001:db8:1:2:3::4"), client_of("::ffff:192.0.2.7")
    ('192.0.2.7', '2001:db8:1:2::', '192.0.2.7')
    """
    if ":" not in address:
        return address
    try:
        parsed = ipaddress.IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Address(int(parsed) >> _SUBSCRIBER_BITS << _SUBSCRIBER_BITS))


class Places:
    """Places for work of one kind.

    One client has at most ``share`` places at once, and ``client_waiting`` requests in the queue. Whoever waits gets
    a place in turn with the other clients, however many requests each of them has. Work is young until it is said to be
    no more.

    Args:
        number: how many.
        settings: how many requests may wait for one, of one client and of all, and how long.
        kind: what the processes are for, in messages.
        share: most places of one client; all of them by default.
        young: most places with young work at once, as long as there is no other; all of them by default.
        crowded: called when a request has to wait for a place, and when one still does after another one got it.
    """

    def __init__(
        self,
        number: int,
        settings: ServerSettings,
        kind: str,
        *,
        share: int | None = None,
        young: int | None = None,
        crowded: Callable[[], None] = lambda: None,
    ) -> None:
        self.number = number
        self._share = number if share is None else share
        self._most_young = number if young is None else young
        self._young = 0
        self._settings = settings
        self._kind = kind
        self._crowded = crowded
        self._taken: Counter[str] = Counter()
        # In the order of their turns. No client has an empty queue.
        self._queues: dict[str, deque[asyncio.Future[None]]] = {}
        self._waiting = 0

    @property
    def taken(self) -> int:
        """How many places are taken."""
        return self._taken.total()

    @property
    def waiting(self) -> int:
        """How many requests wait."""
        return self._waiting

    @property
    def wanted(self) -> bool:
        """Whether a request waits that would get a place if one were left."""
        full = self.taken >= self.number
        return full and any(self._taken[client] < self._share for client in self._queues)

    def taken_by(self, client: str) -> int:
        """How many places a client has."""
        return self._taken[client]

    async def enter(self) -> str:
        """Wait for a place for the request that is worked for.

        Returns:
            The client, for :meth:`leave`, which is called by whoever got a place.

        Raises:
            Problem: 429 when too many wait already, 503 when none became free in time.
        """
        trace = current()
        client = client_of(trace.client)
        if self._have_room and self._taken[client] < self._share:
            trace.process = self._kind
            self._give(client)
            return client
        self._refuse_crowd(client)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue = self._queues.setdefault(client, deque())
        queue.append(turn)
        self._waiting += 1
        self._crowded()
        try:
            with trace.waiting(self._kind):
                await self._wait(turn)
        except BaseException:
            if turn.done() and not turn.cancelled():
                # It got the place in the moment in which it gave up.
                self.leave(client)
            else:
                self._forget(client, turn)
            raise
        return client

    def outgrow(self) -> None:
        """Some work that has a place is no longer young."""
        self._young -= 1
        self._pass_on()

    def leave(self, client: str, *, young: bool = True) -> None:
        """Give a place back, and say whether the work was still young."""
        self._young -= young
        self._taken[client] -= 1
        if not self._taken[client]:
            del self._taken[client]
        self._pass_on()

    @property
    def _have_room(self) -> bool:
        taken = self.taken
        # Beside old work, which may go on for long, young work must not wait.
        return taken < self.number and (self._young < self._most_young or self._young < taken)

    def _give(self, client: str) -> None:
        self._taken[client] += 1
        self._young += 1

    def _refuse_crowd(self, client: str) -> None:
        """Refuse a request where too many wait."""
        own = len(self._queues.get(client, ()))
        if own >= self._settings.client_waiting:
            detail = f"{own} requests of yours wait for a {self._kind} process already; send fewer at once"
            raise Problem(429, detail, retry=True)
        if self._waiting >= self._settings.waiting:
            detail = f"{self._waiting} requests wait for a {self._kind} process already; try again soon"
            raise Problem(429, detail, retry=True)

    async def _wait(self, turn: asyncio.Future[None]) -> None:
        try:
            async with asyncio.timeout(self._settings.waiting_seconds):
                await turn
        except TimeoutError:
            seconds = self._settings.waiting_seconds
            detail = f"no {self._kind} process became free within {seconds:g} seconds"
            raise Problem(503, detail, retry=True) from None

    def _pass_on(self) -> None:
        """Give free places to those whose turn it is."""
        while self._have_room:
            client = next((one for one in self._queues if self._taken[one] < self._share), None)
            if client is None:
                break
            turn = self._queues[client].popleft()
            self._waiting -= 1
            # To the end of the line, if the client has another request there.
            left = self._queues.pop(client)
            if left:
                self._queues[client] = left
            # One whose time is over may not know it yet.
            if not turn.done():
                self._give(client)
                turn.set_result(None)
        if self._queues:
            self._crowded()

    def _forget(self, client: str, turn: asyncio.Future[None]) -> None:
        queue = self._queues.get(client)
        if queue and turn in queue:
            queue.remove(turn)
            self._waiting -= 1
            if not queue:
                del self._queues[client]
