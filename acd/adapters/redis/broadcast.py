"""The engine's side: publishes what is told and answers what is asked; a Redis that is away delays no call.

What is told goes into a stream, from which any process can follow, also from some way back: so whoever was connected to
one process resumes at another. Each entry says which event the feed was at after it; who counts otherwise has lost
something, and begins anew. A lease says who the engine is: whoever does not hold it writes nothing, and steps down.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeAlias

from redis.asyncio import Redis

from acd.adapters.redis import link
from acd.cases.news import CaseNews
from acd.core.events import ClientFound, ClientGone
from acd.core.ids import AgentId, CallId
from acd.core.notices import CallerRecognised, Notice, PreviewOffered
from acd.pop import Background, Backgrounds, on_screens
from acd.switchboard import Switchboard

log = logging.getLogger(__name__)

KEPT = 20_000  # Entries of the stream.
_BOARD_EVERY = 2_000  # Entries; who comes new begins at the oldest board that is kept.
_MOST_UNSENT = 50_000
_AT_ONCE = 256

# Writes the entries if nobody else is the engine. Says whether it was so, and how long the stream is now.
_PUBLISH = """
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return {0, 0} end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
for i = 4, #ARGV, 2 do
  redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[3], '*', 'kind', ARGV[i], 'body', ARGV[i + 1])
end
return {1, redis.call('XLEN', KEYS[2])}
"""
_RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end"


async def hold_lease(redis: "Redis", name: str) -> str | None:
    """Be the engine; returns who else is, if he still says so after all that he may have said before he died."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + link.LEASE_MS / 1000 + link.BEAT_S
    while True:
        ours, _ = await redis.eval(_PUBLISH, 2, link.LEASE, link.STEPS, name, link.LEASE_MS, KEPT)
        if ours:
            return None
        holder = link.text(await redis.get(link.LEASE))
        if holder and loop.time() > deadline:
            return holder
        await asyncio.sleep(0.2)


# What else of this process others ask, by its kind: takes and gives what goes over the wire.
Questions: TypeAlias = Mapping[str, Callable[[Any], Awaitable[Any]]]


class Feed(Protocol):
    """As much of the API's feed as must be the same everywhere."""

    told_queues: Callable[[int], None]
    told_caller: Callable[[CallId, int], None]
    told_case: Callable[[CaseNews], None]

    @property
    def seq(self) -> int:
        """The number of its newest event."""

    def tell_queues(self) -> None:
        """Tell of the queues that are different."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    kind: str
    number: int  # Of this engine's entries: one that is left out is noticed.
    seq: int
    what: Any


class Broadcast:
    """Of one engine. `on_replaced` is called when another one holds the lease."""

    def __init__(
        self,
        redis: "Redis",
        switchboard: Switchboard,
        feed: Feed,
        backgrounds: Backgrounds,
        *,
        name: str,
        on_replaced: Callable[[], None],
        questions: Questions | None = None,
        beat_s: float = link.BEAT_S,
    ) -> None:
        self._redis = redis
        self._switchboard = switchboard
        self._feed = feed
        self._backgrounds = backgrounds
        self._name = name
        self._on_replaced = on_replaced
        self._questions = questions or {}
        self._beat_s = beat_s
        self._unsent: deque[_Entry] = deque()
        self._number = 0
        self._since_board = 0
        self._wake = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._clients: dict[
            AgentId, dict[str, None]
        ] = {}  # In which processes an agent's clients are.
        self._publish_script = redis.register_script(_PUBLISH)

    def start(self) -> None:
        """From now on everything is published."""
        self._switchboard.redis_heard = True
        self.publish_board()
        self._switchboard.listen(self._hear)
        self._feed.told_queues = self._hear_queues
        self._feed.told_caller = self._hear_caller
        self._feed.told_case = self._hear_case
        for work in (self._publish(), self._answer()):
            self._start(work)

    async def stop(self) -> None:
        """Publish no more, and let the next engine begin at once."""
        await link.end(tuple(self._tasks))
        try:
            await self._redis.eval(_RELEASE, 1, link.LEASE, self._name)
        except link.AWAY as error:
            log.warning("the lease could not be given back, it ends by itself: %s", error)

    def configured(self) -> None:
        """The centre is another, which no notice tells: nobody elsewhere can count along, so all begin anew there."""
        self._feed.told_queues = lambda at: None
        try:
            self.publish_board()
        finally:
            self._feed.told_queues = self._hear_queues

    def publish_board(self) -> None:
        """How everything is now: for those who come new."""
        self._feed.tell_queues()  # Or others would count what has changed since, and we what changed before.
        board = self._switchboard.board
        copy = replace(
            board, calls=dict(board.calls), agents=dict(board.agents), nodes=dict(board.nodes)
        )
        self._since_board = 0
        self._add("board", (copy, self._known(on_screens(board))))

    def _hear(self, heard: Sequence[Notice]) -> None:
        shown = [one.call for one in heard if isinstance(one, CallerRecognised)]
        shown += [CallId(one.work.task) for one in heard if isinstance(one, PreviewOffered)]
        self._add("step", (tuple(heard), self._known(shown)))
        if self._since_board >= _BOARD_EVERY:
            self.publish_board()

    def _hear_caller(self, call: CallId, at: int) -> None:
        self._add("caller", (call, at, self._known([call])))

    def _hear_case(self, news: CaseNews) -> None:
        self._add("case", news)

    def _known(self, calls: Iterable[CallId]) -> dict[CallId, Background]:
        """What screens show of these callers, which no notice tells."""
        return {call: self._backgrounds.of(call) for call in calls}

    def _hear_queues(self, at: int) -> None:
        self._add("queues", at)

    def _add(self, kind: str, what: Any) -> None:
        if len(self._unsent) >= _MOST_UNSENT:  # Redis is away for long: who follows begins anew.
            self._unsent.clear()
            self.publish_board()
        self._since_board += 1
        self._number += 1
        self._unsent.append(_Entry(kind=kind, number=self._number, seq=self._feed.seq, what=what))
        self._wake.set()

    async def _publish(self) -> None:
        length = -1
        while True:
            few = [self._unsent[n] for n in range(min(len(self._unsent), _AT_ONCE))]
            said: list[Any] = [self._name, link.LEASE_MS, KEPT]
            try:
                for entry in few:
                    said += [entry.kind, _body(self._name, entry)]
            # A fault of ours. Others notice the gap, and begin anew with the next board.
            except Exception:
                log.exception("what was told cannot be written for other processes")
                few, said = [], said[:3]
                self._unsent.clear()
                self.publish_board()
                await asyncio.sleep(self._beat_s)
            try:
                ours, now = await self._publish_script(keys=[link.LEASE, link.STEPS], args=said)
            except link.AWAY as error:
                if self._switchboard.redis_heard:
                    log.error("Redis is away, other API processes hear nothing: %s", error)
                self._switchboard.redis_heard = False
                await asyncio.sleep(min(link.AGAIN_S, self._beat_s))
                continue
            if not self._switchboard.redis_heard:
                log.info("Redis is back")
            self._switchboard.redis_heard = True
            if not ours:
                self._on_replaced()
                return
            for _ in few:
                self._unsent.popleft()
            if now < length and not any(entry.kind == "board" for entry in few):
                self.publish_board()  # It has forgotten everything.
            # The stream is trimmed in whole blocks, and never to less than this.
            length = min(now, KEPT) if now else -1
            await self._see_who_is_gone()
            if not self._unsent:
                self._wake.clear()
                try:
                    async with asyncio.timeout(self._beat_s):
                        await self._wake.wait()
                except TimeoutError:
                    pass

    # What is asked.

    async def _answer(self) -> None:
        while True:
            try:
                said = await self._redis.blpop([link.REQUESTS], timeout=link.BLOCK_MS / 1000)
            except link.AWAY:
                self._wake.set()  # It is looked at now, and not with the next beat.
                await asyncio.sleep(min(link.AGAIN_S, self._beat_s))
                continue
            if said is not None:
                self._start(self._answer_one(said[1]))

    async def _answer_one(self, text: bytes | str) -> None:
        try:
            asked = link.decode(text)
            if self._switchboard.now_ms() > asked["until"]:
                return  # Nobody waits any more, and he was told that it may not have been done.
            answer = await self._answer_to(asked)
            reply_to = asked["reply_to"]
            if answer is not None:
                told = [self._name, self._number]  # Whoever asked wants to see what has come of it.
                said = {"id": asked["id"], "answer": answer, "told": told}
                async with self._redis.pipeline(transaction=False) as pipe:
                    pipe.rpush(reply_to, link.encode(said))
                    pipe.pexpire(reply_to, link.LEASE_MS)
                    await pipe.execute()
        except link.AWAY as error:
            log.warning("an answer could not be sent: %s", error)
        except Exception:
            log.exception("a request from another process could not be answered")

    async def _answer_to(self, asked: Any) -> Any:
        match asked["kind"]:
            case "submit":
                answer = await self._switchboard.submit(link.thing_of(asked["body"]))
                return link.plain(answer)
            case "explain":
                call, agent = asked["body"]
                one = AgentId(agent) if agent is not None else None
                if CallId(call) not in self._switchboard.board.calls:
                    return []
                found = await self._switchboard.explain(CallId(call), one)
                return [link.plain(candidate) for candidate in found]
            case "client":
                self._client(link.thing_of(asked["body"]), asked["process"])
            case kind if kind in self._questions:
                return await self._questions[kind](asked["body"])
        return None

    # Clients of other processes: an agent is there while he is anywhere.

    def _client(self, event: ClientFound | ClientGone, process: str) -> None:
        places = self._clients.setdefault(event.agent, {})
        was_there = bool(places)
        if isinstance(event, ClientFound):
            places[process] = None
        else:
            places.pop(process, None)
        if bool(places) != was_there:
            self._switchboard.deliver(replace(event, at=self._switchboard.now_ms()))
        if not places:
            del self._clients[event.agent]

    async def _see_who_is_gone(self) -> None:
        """A process that has died says nothing more; its clients are elsewhere by now, or gone."""
        named = list(dict.fromkeys(name for places in self._clients.values() for name in places))
        if not named:
            return
        try:
            alive = await self._redis.mget([process_key(name) for name in named])
        except link.AWAY:
            return
        dead = [name for name, sign in zip(named, alive, strict=True) if sign is None]
        at = self._switchboard.now_ms()
        for agent, places in list(self._clients.items()):
            for name in dead:
                if name in places:
                    self._client(ClientGone(at=at, agent=agent), name)

    def _start(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def process_key(name: str) -> str:
    """The key by which an API process says that it lives."""
    return f"cordboard:process:{name}"


def _body(engine: str, entry: _Entry) -> bytes:
    what: Any = entry.what
    match entry.kind:
        case "board":
            board, known = entry.what
            what = [link.plain_board(board), link.plain_backgrounds(known)]
        case "step":
            heard, known = entry.what
            what = [[link.plain(notice) for notice in heard], link.plain_backgrounds(known)]
        case "caller":
            call, at, known = entry.what
            what = [call, link.plain_backgrounds(known), at]
        case "case":
            what = link.plain(entry.what)
    said = {"engine": engine, "number": entry.number, "seq": entry.seq, "what": what}
    return link.encode(said)
