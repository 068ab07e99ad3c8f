"""The listeners of the feed, each with a queue of its own; one that is too slow is dropped, never waited for.

Whom an event concerns hears it at once: it is on the wire before a phone is rung in this step, so the screen pop is
ahead of the phone. Everybody else only watches: he is not even looked at before a moment is over,
and gets all of it in one write. So how many watch costs the one who is called nothing.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import TypeAlias

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect

from acd.core.events import ClientFound, ClientGone
from acd.core.ids import AgentId
from cti_api.feed import Audience, Feed
from cti_api.frames.stream import Pong, Resumed
from cti_api.framing import Frame
from cti_api.ports import Switchboard, Users
from cti_api.texts import NOTHING, Telling, Text, encoded, still_true
from cti_api.throttle import Throttle
from cti_api.tokens import Session, Tokens
from cti_api.wire import wire_to

MOST_WAITING = 256  # Frames for one listener; whoever is that far behind had better begin anew.
# Who is that far behind is not told how things stood before they stood as they do.
MANY_WAITING = 64
MOST_SOCKETS = 32  # Of one user.
SEND_TIMEOUT_S = 10.0
CLOSE_TIMEOUT_S = 10.0
# Those who watch hear of it within that: to write costs more than what is written, so it is done seldom, and for many
# it is begun early.
_WITHIN_S = 0.08
_WRITE_S = 0.00003  # For each of them.
_SOONEST_S = 0.02
_AT_A_TIME = 32  # Frames, listeners or audiences, before others get their turn.
_LONGEST_MESSAGE = 1024

Ending: TypeAlias = tuple[int, str]

TOO_SLOW: Ending = (1013, "too slow: connect again and resume")
PARTING: Ending = (1012, "we are being restarted: connect again and resume")
BEGIN_ANEW: Ending = (1013, "events were lost: connect again")
LOGGED_OUT: Ending = (4401, "the log-in is over")
NOT_UNDERSTOOD: Ending = (1008, 'only {"type":"ping"} is understood here')
TOO_CHATTY: Ending = (1008, "too many messages")


class Ping(msgspec.Struct, tag_field="type", tag="ping", forbid_unknown_fields=True):
    """All that a client may say."""


_ping = msgspec.json.Decoder(Ping)


class Listener:
    """One socket: frames wait here until it takes them."""

    def __init__(
        self, websocket: WebSocket, audience: Audience, session: Session, sockets: "Sockets"
    ) -> None:
        self.audience = audience
        self.session = session
        self._websocket = websocket
        self._wire = wire_to(websocket)
        self._sockets = sockets
        self._waiting = NOTHING
        self._held_up = False
        self._begun = False  # Nothing may come before what he has to know first.
        self._wake = asyncio.Event()
        self._ending: Ending | None = None
        self._chatter = Throttle(limit=20, per_ms=10_000)

    def take(self, told: Telling) -> None:
        """Send this with the next flush."""
        if self._ending is not None:
            return
        if self._waiting is NOTHING:
            self._waiting = told  # The same for all who see the same.
            return
        if len(self._waiting.texts) + len(told.texts) > MOST_WAITING:
            self.flush()  # Much has happened at once: that is no fault of his.
        waiting = self._waiting.texts
        if not waiting:
            self._waiting = told  # The same for all who see the same.
            return
        both = (*waiting, *told.texts)
        if len(both) > MOST_WAITING:
            both = tuple(still_true(both))
            if len(both) > MOST_WAITING:
                self.end(TOO_SLOW)
                return
        self._waiting = Telling(both)

    def flush(self) -> None:
        """Send what waits: now, or as soon as he is ready for it."""
        if self._waiting is NOTHING or not self._begun:
            return
        if self._wire.writable.is_set():
            waiting, self._waiting = self._waiting, NOTHING
            if self._held_up and len(waiting.texts) > MANY_WAITING:
                waiting = Telling(still_true(waiting.texts))
            self._held_up = False
            self._wire.write(waiting.frames())
        if not self._wire.writable.is_set():
            self._held_up = True
            self._wake.set()  # To see whether he takes it in time.

    def end(self, ending: Ending) -> None:
        """Close the socket with this code; what still waits is not sent."""
        if self._ending is None:
            self._ending = ending
            self._waiting = NOTHING
            self._wake.set()

    async def serve(self, first: Sequence[bytes]) -> None:
        """Send `first`, and then whatever comes, until either side has had enough."""
        tasks = [asyncio.create_task(self._write(first)), asyncio.create_task(self._read())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception) and not isinstance(result, WebSocketDisconnect):
                raise result

    async def _write(self, first: Sequence[bytes]) -> None:
        for start in range(0, len(first), _AT_A_TIME):
            await self._until_writable()
            if self._ending is not None:
                break
            self._wire.write(b"".join(first[start : start + _AT_A_TIME]))
            await asyncio.sleep(0)  # Writing to one who is fast does not yield by itself.
        self._begun = True
        self._wake.set()
        while self._ending is None:
            await self._wake.wait()
            self._wake.clear()
            await self._until_writable()
            self.flush()
        code, reason = self._ending
        try:
            async with asyncio.timeout(self._sockets.close_timeout_s):
                await self._websocket.close(code, reason)
        except TimeoutError:
            self._wire.drop()

    async def _until_writable(self) -> None:
        try:
            async with asyncio.timeout(self._sockets.send_timeout_s):
                await self._wire.writable.wait()
        except TimeoutError:
            self.end(TOO_SLOW)

    async def _read(self) -> None:
        while True:
            message = await self._websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            at = self._sockets.now_ms()
            if self._chatter.take("", at):
                self.end(TOO_CHATTY)
                continue
            said = message.get("text") or ""
            try:
                _ping.decode(said if len(said) <= _LONGEST_MESSAGE else "")
            except (msgspec.MsgspecError, UnicodeError):
                self.end(NOT_UNDERSTOOD)
                continue
            self._sockets.catch_up(self)  # What has happened before the pong is told before it.
            self.take(Telling([_pong(self._sockets.feed.seq, at)]))
            self.flush()


def _pong(seq: int, at: int) -> Text:
    pong: Pong = {"type": "pong", "seq": seq, "at": at}
    return Text("pong", lambda: pong)


class _Alike:
    """The listeners of one audience, who all see the same: an event is looked at once for all of them."""

    __slots__ = ("audience", "heard", "listeners")

    def __init__(self, audience: Audience, heard: int) -> None:
        self.audience = audience
        self.heard = heard  # So many frames, of all since this process began.
        self.listeners: dict[Listener, None] = {}


class Sockets:
    """All listeners of this process."""

    def __init__(
        self,
        feed: Feed,
        switchboard: Switchboard,
        *,
        send_timeout_s: float = SEND_TIMEOUT_S,
        close_timeout_s: float = CLOSE_TIMEOUT_S,
    ) -> None:
        self.feed = feed
        self.now_ms = switchboard.now_ms
        self._deliver = switchboard.deliver
        self.send_timeout_s = send_timeout_s
        self.close_timeout_s = close_timeout_s
        self._listeners: dict[Audience, _Alike] = {}
        self._of_agent: dict[AgentId, dict[Audience, _Alike]] = {}
        self._routers: dict[Audience, _Alike] = {}
        self._clients: Counter[AgentId] = Counter()
        self._recent: list[Frame] = []  # Those that not everybody has heard.
        self._before = 0  # How many frames there were before those.
        self._unheard: list[_Alike] = []  # Who is to be looked after in this round,
        self._behind: dict[Listener, None] = {}  # and to be written to.
        self._until = 0  # The frames up to this one are those of the round.
        self._gathering: asyncio.Handle | None = None
        feed.publish(self._hear, broken=self._begin_anew)

    @property
    def open(self) -> int:
        """How many listen at this process."""
        return sum(len(alike.listeners) for alike in self._listeners.values())

    def full_for(self, user_id: str) -> bool:
        """Whether this user has as many sockets as anybody may have."""
        his = [
            len(alike.listeners)
            for audience, alike in self._listeners.items()
            if audience.user.id == user_id
        ]
        return sum(his) >= MOST_SOCKETS

    async def serve(
        self, websocket: WebSocket, audience: Audience, session: Session, resume: int | None
    ) -> None:
        """Serve an accepted socket until it closes."""
        listener = Listener(websocket, audience, session, self)
        # No await from here to the listener's place among the others: nothing is missed or told twice.
        first = self._first(audience, resume)
        self._add(listener)
        if (agent := audience.user.agent) is not None:
            self._client(agent, 1)
        try:
            await listener.serve(first)
        finally:
            self._remove(listener)
            if agent is not None:
                self._client(agent, -1)

    def _add(self, listener: Listener) -> None:
        audience = listener.audience
        alike = self._listeners.get(audience)
        if alike is None:
            alike = self._listeners[audience] = _Alike(audience, self._told_so_far)
            for others in self._concerned_as(audience):
                others[audience] = alike
        self._watch(alike)  # The others hear what the new one knows already.
        self._gather()
        alike.listeners[listener] = None

    def _remove(self, listener: Listener) -> None:
        self._behind.pop(listener, None)
        audience = listener.audience
        alike = self._listeners[audience]
        del alike.listeners[listener]
        if not alike.listeners:
            del self._listeners[audience]
            for others in self._concerned_as(audience):
                del others[audience]

    def _concerned_as(self, audience: Audience) -> list[dict[Audience, _Alike]]:
        """Where those stand who may be concerned for the same reason."""
        user = audience.user
        of_agent = [self._of_agent.setdefault(user.agent, {})] if user.agent is not None else []
        return [*of_agent, self._routers] if user.routes else of_agent

    def _client(self, agent: AgentId, more: int) -> None:
        """This agent has one client more, or less. Only the first and the last are worth telling."""
        had, has = self._clients[agent], self._clients[agent] + more
        self._clients[agent] = has
        if not had:
            self._deliver(ClientFound(at=self.now_ms(), agent=agent))
        elif not has:
            del self._clients[agent]
            self._deliver(ClientGone(at=self.now_ms(), agent=agent))

    def _first(self, audience: Audience, resume: int | None) -> list[bytes]:
        missed = self.feed.since(resume, audience) if resume is not None else None
        if missed is None:
            return [self.feed.snapshot(audience)]
        resumed: Resumed = {
            "type": "resumed",
            "seq": self.feed.seq,
            "at": self.now_ms(),
        }
        return [encoded(resumed), *missed]

    @property
    def _told_so_far(self) -> int:
        return self._before + len(self._recent)

    def _hear(self, frames: Sequence[Frame]) -> None:
        if not self._listeners:
            return
        self._recent += frames
        concerned: dict[Audience, _Alike] = {}
        for frame in frames:
            for agent in frame.agents:
                concerned |= self._of_agent.get(agent, {})
            if frame.routers:
                concerned |= self._routers
        for alike in concerned.values():
            self._catch_up(alike)
            for listener in alike.listeners:
                listener.flush()
        self._gather()

    def _catch_up(self, alike: _Alike) -> None:
        """Give these listeners what is new to them."""
        missed = self._recent[alike.heard - self._before :]
        alike.heard = self._told_so_far
        seen = [self.feed.seen(frame, alike.audience) for frame in missed]
        if texts := [text for text in seen if text is not None]:
            told = Telling(texts)
            for listener in alike.listeners:
                listener.take(told)

    def catch_up(self, listener: Listener) -> None:
        """Let this one, and those who see the same, take all that has happened so far."""
        self._watch(self._listeners[listener.audience])

    def _watch(self, alike: _Alike) -> None:
        self._catch_up(alike)
        self._behind |= alike.listeners

    def _gather(self) -> None:
        if self._gathering is None and (self._recent or self._behind):
            watching = sum(len(alike.listeners) for alike in self._listeners.values())
            wait_s = max(_SOONEST_S, _WITHIN_S - watching * _WRITE_S)
            self._gathering = asyncio.get_running_loop().call_later(wait_s, self._begin_round)

    def _begin_round(self) -> None:
        """A moment is over: let those who watch hear of it."""
        self._until = self._told_so_far
        self._unheard = list(self._listeners.values())
        self._go_round()

    def _go_round(self) -> None:
        """A few at a time: a thousand writes in a row would hold up a call."""
        try:
            for _ in range(_AT_A_TIME):
                if self._behind:
                    listener = next(iter(self._behind))
                    del self._behind[listener]
                    listener.flush()
                elif self._unheard:
                    self._watch(self._unheard.pop())
                else:
                    break
        except Exception:
            self.feed.fail()
        if self._behind or self._unheard:
            self._gathering = asyncio.get_running_loop().call_soon(self._go_round)
            return
        del self._recent[: self._until - self._before]
        self._before = self._until
        self._gathering = None
        self._gather()

    def _all(self) -> list[Listener]:
        return [listener for alike in self._listeners.values() for listener in alike.listeners]

    def part(self) -> None:
        """Close every socket, for this process ends."""
        for listener in self._all():
            listener.end(PARTING)

    def _begin_anew(self) -> None:
        for listener in self._all():
            listener.end(BEGIN_ANEW)

    async def check(self, tokens: Tokens, users: Users) -> None:
        """Close the sockets whose log-in is over, and those of users who are not what they were."""
        at = self.now_ms()
        for listener in self._all():
            valid = tokens.valid(listener.session.digest, at) is not None
            user = await users.find(listener.session.user_id) if valid else None
            if user != listener.audience.user:
                listener.end(LOGGED_OUT)
