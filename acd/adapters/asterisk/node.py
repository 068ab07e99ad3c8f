"""One Asterisk as the switchboard sees it: events come, commands go, and whether it is there at all.

It must never tell the engine the past as the present. So nothing is told between the loss of the socket
and a look at all there is; and an event that came while we looked is told after what we saw.
"""

import asyncio
import logging
import random
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import count

from acd.adapters.asterisk.ari_client import AriClient, AriError, AriUnreachable, EventSocket
from acd.adapters.asterisk.ari_commands import RemoveBridge, is_deserted
from acd.adapters.asterisk.ari_events import (
    EVENTS_READ,
    Bridge,
    Message,
    channels_seen,
    read_event,
)
from acd.adapters.asterisk.ari_requests import APPLICATION, DIALLING
from acd.adapters.asterisk.dialplan_look_up import Ask, DialplanLookUps, is_look_up
from acd.adapters.asterisk.performer import Performer
from acd.core.commands import Command
from acd.core.events import CallLeft, ChannelSeen, Event, LegEnded, LegReferred, NodeFound, NodeLost
from acd.core.ids import (
    ChannelId,
    Direction,
    NodeId,
    OfferId,
    caller_leg,
    direction_of,
    offered_call,
    read_bridge,
    uniqueid_of,
)
from acd.core.outbound import Number, as_written

log = logging.getLogger(__name__)

_PROBE = "cordboard-probe"


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeTimings:
    """How long to wait for what."""

    request_s: float = 5.0
    # Proof that events still reach us; TCP says nothing about that.
    probe_every_s: float = 5.0
    probe_s: float = 5.0
    # Events may be lost on the way; a look around now and then is not.
    survey_every_s: float = 60.0
    # So long a bridge stands when the last one has left it. By then we mostly know that the caller has gone, need not
    # ask who is in it, and are in nobody's way.
    deserted_s: float = 1.0
    retry_first_s: float = 0.1
    retry_longest_s: float = 5.0


class AsteriskNode:
    """The connection to one Asterisk, kept for as long as we run."""

    def __init__(
        self,
        node: NodeId,
        url: str,
        user: str,
        password: str,
        *,
        deliver: Callable[[Event], None],
        now_ms: Callable[[], int],
        on_replaced: Callable[[], None] = lambda: None,
        ask: Ask | None = None,
        read_number: Callable[[str], Number | None] = as_written,
        timings: NodeTimings | None = None,
    ) -> None:
        """`on_replaced`: another process has taken our place, and this one must step down.

        `ask` answers dialplans that ask who calls.
        """
        self.node = node
        self.connected = False
        self._timings = timings or NodeTimings()
        self._client = AriClient(url, user, password, deadline_s=self._timings.request_s)
        self._deliver = deliver
        self._read_number = read_number
        self._now_ms = now_ms
        self._on_replaced = on_replaced
        self._replaced = False
        self._performer = Performer(
            self._client,
            deliver=deliver,
            now_ms=now_ms,
            reachable=lambda: self.connected,
        )
        self._look_ups = DialplanLookUps(self._client, ask)
        self._held: list[Message] | None = []  # What came while we do not yet know what there is.
        self._ended: set[ChannelId] = set()  # What has been told to be over since we began to look.
        self._nonces = (f"{secrets.token_hex(8)}-{n}" for n in count())
        self._echo: tuple[str, asyncio.Future[None]] | None = None
        self._survey_at = 0.0
        self._socket: EventSocket | None = None
        self._reader: asyncio.Task[None] | None = None
        self._keeper: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Connect, and stay so. An Asterisk that is away is waited for; one that refuses us raises."""
        try:
            await self._connect()
        except AriUnreachable as error:
            log.warning("%s: %s; trying again", self.node, error)
            self._deliver(NodeLost(at=self._now_ms(), node=self.node))
        except BaseException:
            await self.stop()
            raise
        self._keeper = asyncio.create_task(self._keep())
        self._keeper.add_done_callback(self._kept)

    async def stop(self) -> None:
        """Let go. Calls go on in Asterisk, and it will take back those whom nobody serves."""
        self.connected = False
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
            self._keeper = None
        await self._look_ups.stop()
        self._performer.stop()
        await self._disconnect()
        await self._client.close()

    def perform(self, command: Command) -> None:
        """Carry this out; returns at once. What fails is told as CommandFailed."""
        self._performer.perform(command)

    def look_around(self) -> None:
        """Look at all there is when the connection is next proved, and not only when it is time to."""
        self._survey_at = 0.0

    # Connecting, and staying so.

    async def _keep(self) -> None:
        timings = self._timings
        pause = timings.retry_first_s
        told = ""
        while not self._replaced:
            if self.connected:
                await self._watch()
                self.connected = False
                self._deliver(NodeLost(at=self._now_ms(), node=self.node))
                await self._disconnect()
                pause = timings.retry_first_s
                continue
            # Jitter, or all who lost this Asterisk come back to it in the same instant.
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311
            pause = min(2 * pause, timings.retry_longest_s)
            try:
                await self._connect()
                told = ""
            except AriError as error:
                if str(error) != told:  # Or a long outage fills the log.
                    told = str(error)
                    log.warning("%s: %s; trying again", self.node, error)
            except Exception:
                log.exception("%s: a fault of ours while connecting; trying again", self.node)

    def _kept(self, keeper: asyncio.Task[None]) -> None:
        if not keeper.cancelled() and (error := keeper.exception()):
            log.critical("%s: nobody keeps the connection any more", self.node, exc_info=error)

    async def _connect(self) -> None:
        try:
            version = await self._client.check()
            self._held = []
            self._socket = await self._client.listen()
            self._reader = asyncio.create_task(self._socket.read(self._hear))
            # A socket may be accepted and yet stay silent: only an event on it proves it.
            await self._prove()
            await self._ask_only_for_what_we_read()
            found, bridges = await self._survey()
        except BaseException:
            await self._disconnect()
            raise
        if self._replaced:
            return
        log.info("%s: Asterisk %s, %d channels are ours", self.node, version, len(found.channels))
        held, self._held = self._held, None
        self.connected = True
        self._deliver(found)
        for message in held:
            self._tell(message)
        self._clear_away(bridges)

    async def _disconnect(self) -> None:
        reader, self._reader = self._reader, None
        socket, self._socket = self._socket, None
        if reader is not None:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)
        if socket is not None:
            try:
                await socket.close()
            except (OSError, TimeoutError):
                log.debug("%s: the socket was dead", self.node)

    async def _watch(self) -> None:
        """Returns when we do not hear this Asterisk any more, and says why in the log."""
        assert self._reader is not None
        loop = asyncio.get_running_loop()
        self._survey_at = loop.time() + self._timings.survey_every_s
        while True:
            await asyncio.wait({self._reader}, timeout=self._timings.probe_every_s)
            if self._reader.done():
                if not self._reader.cancelled() and (error := self._reader.exception()):
                    log.error("%s: reading events failed", self.node, exc_info=error)
                log.warning("%s: the socket was closed", self.node)
                return
            try:
                if loop.time() < self._survey_at:
                    await self._prove()
                else:
                    self._survey_at = loop.time() + self._timings.survey_every_s
                    found, bridges = await self._survey()
                    self._deliver(found)
                    self._clear_away(bridges)
            except AriError as error:
                log.warning("%s: %s", self.node, error)
                return
            except Exception:
                log.exception("%s: a fault of ours while looking around", self.node)
                return

    async def _prove(self) -> None:
        """An event that we cause must come back: what was said before it has then been heard, too."""
        nonce = next(self._nonces)
        heard: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._echo = (nonce, heard)
        try:
            async with asyncio.timeout(self._timings.probe_s):
                reply = await self._client.request(
                    "POST",
                    f"/events/user/{_PROBE}?application={APPLICATION}",
                    {"variables": {"nonce": nonce}},
                )
                if not reply.ok:
                    raise AriUnreachable(f"cannot cause an event: {reply.status} {reply.body!r}")
                await heard
        except TimeoutError:
            raise AriUnreachable("the socket is open, but events do not come through it") from None
        finally:
            self._echo = None

    async def _ask_only_for_what_we_read(self) -> None:
        for application, kinds in EVENTS_READ.items():
            allowed = {"allowed": [{"type": kind} for kind in kinds]}
            reply = await self._client.request(
                "PUT", f"/applications/{application}/eventFilter", allowed
            )
            if not reply.ok:
                log.warning("%s: Asterisk does not filter events: %s", self.node, reply.body[:200])

    async def _survey(self) -> tuple[NodeFound, list[Bridge]]:
        """Look at all there is; and the bridges.

        The answer is a little old when it comes. The proof after it makes sure that all that was said
        before we looked has been heard; what has been told to be over since is left out, or a dead call
        would rise again; and `seen_at` tells the engine what is too young to be missed here.
        """
        seen_at = self._now_ms()
        self._ended.clear()
        channels = await self._client.channels()
        bridges = await self._client.bridges()
        self._look_ups.let_go(channels)
        ours = [channel for channel in channels if not is_look_up(channel)]
        seen = channels_seen(self.node, ours, bridges)
        await self._hear_of_all(seen)
        await self._prove()
        found = NodeFound(
            at=self._now_ms(),
            node=self.node,
            seen_at=seen_at,
            channels=tuple(one for one in seen if one.channel not in self._ended),
        )
        # Left behind by a process before us or by an event that was lost; or a Connect is under way.
        return found, bridges

    async def _hear_of_all(self, seen: Sequence[ChannelSeen]) -> None:
        """A channel of ours whose events do not come to us would end, and nobody would know."""
        dialling = [
            one for one in seen if not one.up and direction_of(one.channel) is Direction.OUT
        ]
        for application, legs in ((APPLICATION, seen), (DIALLING, dialling)):
            if not legs:
                continue
            told = frozenset(await self._client.told_of(application))
            for name in (uniqueid_of(one.channel) for one in legs):
                if name not in told and await self._client.tell_of(name, application):
                    log.warning(
                        "%s: nothing was told of channel %s; it is from now on", self.node, name
                    )

    # Hearing: whatever is done here holds up the next event, so nothing waits.

    def _hear(self, message: Message) -> None:
        match message.type:
            case "ChannelUserevent" if message.eventname == _PROBE:
                self._heard(message.userevent.get("nonce"))
            case "ApplicationReplaced":
                self._step_down()
            case _ if self._held is not None:
                self._held.append(message)
            case _:
                self._tell(message)

    def _heard(self, nonce: object) -> None:
        if self._echo is not None and self._echo[0] == nonce and not self._echo[1].done():
            self._echo[1].set_result(None)

    def _tell(self, message: Message) -> None:
        if message.type == "ChannelLeftBridge":
            # The last one to leave puts out the light.
            offer = self._left_behind(message.bridge) if message.bridge is not None else None
            if offer is not None:
                loop = asyncio.get_running_loop()
                loop.call_later(self._timings.deserted_s, self._remove, offer)
            return
        if self._look_ups.takes(message):
            return
        event = read_event(self.node, message, self._now_ms())
        if event is None:
            return
        if isinstance(event, LegReferred):
            event = replace(event, number=self._read_number(event.to))
        if isinstance(event, LegEnded | CallLeft):
            self._ended.add(event.channel)
        self._deliver(event)

    def _clear_away(self, bridges: Iterable[Bridge]) -> None:
        for offer in map(self._left_behind, bridges):
            if offer is not None:
                self._remove(offer)

    def _left_behind(self, bridge: Bridge) -> OfferId | None:
        """The offer whose bridge this is, if nobody of its call is in it."""
        offer = read_bridge(self.node, bridge.id)
        return offer if offer is not None and is_deserted(offer, bridge.channels) else None

    def _remove(self, offer: OfferId) -> None:
        """In order with the other commands of its call, so that none that uses the bridge is under way."""
        over = caller_leg(offered_call(offer)) in self._ended
        self._performer.perform(RemoveBridge(offer=offer, over=over))

    def _step_down(self) -> None:
        """Another process listens now. Ours may not command any longer, not even once."""
        log.critical("%s: another process has taken our place; this one steps down", self.node)
        self._replaced = True
        self.connected = False
        if self._reader is not None:
            self._reader.cancel()
        self._on_replaced()
