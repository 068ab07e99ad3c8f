"""The switchboard as an API process without an engine has it: the same board, notices and answers, through Redis.

It follows the stream from the oldest board that is kept, so its feed counts as the engine's does, and knows what others
may want to resume from. Whatever does not fit on what it has makes it begin anew, and everybody who listens here too.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any, Protocol

from redis.asyncio import Redis

from acd.adapters.redis import link
from acd.adapters.redis.broadcast import process_key
from acd.cases.news import CaseNews
from acd.core.board import Board
from acd.core.events import ClientFound, ClientGone, Event
from acd.core.explain import Candidate
from acd.core.ids import AgentId, CallId
from acd.core.notices import Accepted, Notice, Refused
from acd.core.requests import Request
from acd.pop import Backgrounds, on_screens
from acd.switchboard import EngineAway

log = logging.getLogger(__name__)

ANSWER_S = 5.0  # An engine that is well answers within milliseconds.
AWAY_AFTER_S = 5.0  # Of silence, which on a busy machine means little.
TURNED_DOWN_FOR_S = 1.0  # No Redis is there: a moment is left to whoever starts it again.
_AT_ONCE = 500

Listener = Callable[[Sequence[Notice]], None]


class Feed(Protocol):
    """As much of the API's feed as has to be told."""

    @property
    def seq(self) -> int:
        """The number of its newest event."""

    def tell_queues(self, at: int | None = None) -> None:
        """Tell of the queues that are different."""

    def caller_changed(self, call: CallId, at: int | None = None) -> None:
        """More is known of a caller."""

    def case_changed(self, news: CaseNews) -> None:
        """Something that is owed is different."""

    def begin_anew(self, seq: int) -> None:
        """Everything is as the board says now, after event `seq`."""

    def part(self) -> None:
        """What would be told now is not known: whoever listens must come back."""


class RemoteSwitchboard:
    """One for each API process; `open` it, make the app, `follow` with the app's feed."""

    def __init__(
        self,
        redis: "Redis",
        *,
        now_ms: Callable[[], int],
        answer_s: float = ANSWER_S,
        away_after_s: float = AWAY_AFTER_S,
    ) -> None:
        self.board = Board()
        self.seq = 0  # Of the board with which it begins.
        self.backgrounds = Backgrounds()
        self.reachable = False
        self.now_ms = now_ms
        self.name = secrets.token_hex(8)
        self._redis = redis
        self._answer_s = answer_s
        self._away_after_s = away_after_s
        self._listeners: list[Listener] = []
        self._place = "0"
        self._newest = ("", 0)  # The engine and the number of the entry that was taken in last.
        self._taken = asyncio.Event()
        self._lost = False
        self._replies = f"cordboard:replies:{self.name}"
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._asked = 0
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def redis_heard(self) -> bool:
        """Whether the engine is heard through Redis."""
        return self.reachable

    # Before the app is there.

    async def open(self, *, within_s: float = 30.0) -> None:
        """Find out how everything is; raises EngineAway if no engine has ever said so."""
        deadline = asyncio.get_running_loop().time() + within_s
        while True:
            try:
                if await self._find_board():
                    return
                problem = "no engine has published anything there yet"
            except link.AWAY as error:
                problem = str(error) or type(error).__name__
            if asyncio.get_running_loop().time() > deadline:
                raise EngineAway(f"Redis tells nothing of an engine: {problem}")
            await asyncio.sleep(0.1)

    async def _find_board(self) -> bool:
        """The oldest board that is kept: from there on everything can be followed."""
        place = "0"
        while found := await self._redis.xread({link.STEPS: place}, count=_AT_ONCE):
            for name, said in link.entries_of(found):
                place = name
                if said["kind"] == b"board":
                    body = link.decode(said["body"])
                    board, known = body["what"]
                    self.board = link.board_of(board)
                    self._know(known)
                    self.seq = body["seq"]
                    self._newest = (body["engine"], body["number"])
                    self._place = name
                    return True
        return False

    # What is told.

    def listen(self, listener: Listener, *, first: bool = False) -> None:  # Nothing rings here.
        """Let `listener` hear all notices of each step, when the board knows them already."""
        self._listeners.append(listener)

    async def follow(self, feed: Feed) -> None:
        """Take in all that is there by now, and go on with it beside everything else."""
        while await self._read(feed, block=False):
            pass
        # Or the engine takes the first who listen here for those of a process that has died.
        await self._beat()
        self.reachable = True
        for work in (self._follow(feed), self._hear_answers()):
            task = asyncio.create_task(work)
            self._tasks.add(task)

    async def stop(self) -> None:
        """Follow no more."""
        await link.end(tuple(self._tasks))

    async def _follow(self, feed: Feed) -> None:
        loop = asyncio.get_running_loop()
        well_at = beat_at = loop.time()
        down_since: float | None = None
        while True:
            try:
                await self._read(feed, block=True)
                down_since = None
                if loop.time() >= beat_at or not self.reachable:
                    beat_at = loop.time() + link.BEAT_S
                    if await self._beat() and not self._lost:
                        well_at = loop.time()
                        self._found()
            except link.AWAY as error:
                log.debug("Redis: %s", error)
                if not link.turned_down(error):
                    down_since = None
                elif down_since is None:
                    down_since = loop.time()
                await asyncio.sleep(min(link.AGAIN_S, self._away_after_s / 5))
            silent = loop.time() - well_at > self._away_after_s + link.BEAT_S
            down = down_since is not None and loop.time() - down_since > TURNED_DOWN_FOR_S
            if self.reachable and (silent or down):
                who = "Redis" if down else "the engine or Redis"
                log.error("%s is away: nobody may listen here until it is back", who)
                self.reachable = False
                feed.part()

    def _found(self) -> None:
        if not self.reachable:
            log.info("the engine is heard again")
        self.reachable = True

    async def _beat(self) -> bool:
        """Say that we live; whether the engine does."""
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.set(process_key(self.name), b"1", px=link.LEASE_MS)
            pipe.exists(link.LEASE)
            _, alive = await pipe.execute()
        return bool(alive)

    async def _read(self, feed: Feed, *, block: bool) -> bool:
        """Take in what is new; whether there was anything."""
        found = await self._redis.xread(
            {link.STEPS: self._place}, count=_AT_ONCE, block=link.BLOCK_MS if block else None
        )
        if not found:
            return False
        for name, said in link.entries_of(found):
            self._place = name
            try:
                self._take(feed, said["kind"], link.decode(said["body"]))
            except Exception:
                log.exception("what the engine says cannot be read: is it of another version?")
                self._lose(feed)
            self._taken.set()
            await asyncio.sleep(0)  # Much may have happened while we were away.
        return True

    def _take(self, feed: Feed, kind: bytes, body: Any) -> None:
        place = (body["engine"], body["number"])
        if place[0] == self._newest[0] and place[1] <= self._newest[1]:
            return  # Published twice, because Redis did not answer the first time.
        follows = place == (self._newest[0], self._newest[1] + 1)
        self._newest = place
        seq, what = body["seq"], body["what"]
        if kind == b"board":
            board = link.board_of(what[0])
            self._know(what[1])
            if self._lost or not follows or seq != feed.seq or board != self.board:
                self._replace(board)
                feed.begin_anew(seq)
            self._lost = False
        elif self._lost or not follows:
            if not self._lost:
                log.error("something was lost on the way here: waiting for the next board")
            self._lose(feed)
        else:
            self._tell(feed, kind, what)
            if feed.seq != seq:
                log.error("the engine's events were lost to everybody: beginning anew")
                feed.begin_anew(seq)

    def _lose(self, feed: Feed) -> None:
        """What the board says is not how it is: nobody may listen here until there is another."""
        self.reachable = False
        if not self._lost:
            feed.part()
        self._lost = True

    def _tell(self, feed: Feed, kind: bytes, what: Any) -> None:
        if kind == b"queues":
            feed.tell_queues(what)
            return
        if kind == b"case":
            feed.case_changed(link.thing_of(what))
            return
        self._know(what[1])
        if kind == b"caller":
            feed.caller_changed(CallId(what[0]), what[2])
            return
        heard = [link.thing_of(raw) for raw in what[0]]
        self.board.hear_all(heard)
        for listener in tuple(self._listeners):
            listener(heard)

    def _know(self, raw: Any) -> None:
        for call, background in link.backgrounds_of(raw).items():
            self.backgrounds.know(call, background)

    def _replace(self, board: Board) -> None:
        for field in fields(board):
            setattr(self.board, field.name, getattr(board, field.name))
        self.backgrounds.keep_only(on_screens(board))

    # What is asked.

    async def submit(self, request: Request) -> Accepted | Refused:
        """Ask for something; raises EngineAway if nobody answers, and then it may have been done or not."""
        answer: Accepted | Refused = link.thing_of(await self.ask("submit", link.plain(request)))
        return answer

    async def explain(self, call: CallId, agent: AgentId | None) -> Sequence[Candidate]:
        """Who gets this call and who does not, and why; of one agent, or of all in its queue."""
        return [link.thing_of(one) for one in await self.ask("explain", [call, agent])]

    def deliver(self, event: Event) -> None:
        """An agent's client has come or gone; nothing else happens here."""
        assert isinstance(event, ClientFound | ClientGone)
        task = asyncio.create_task(self._say("client", link.plain(event)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def tell(self, news: CaseNews) -> None:
        """Something owed is different, by what was done here: the engine's process tells all who listen."""
        task = asyncio.create_task(self._say("case", link.plain(news)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def ask(self, kind: str, body: Any, *, within_s: float | None = None) -> Any:
        """Ask the engine's process something and wait for the answer; raises EngineAway as `submit` does."""
        within_s = self._answer_s if within_s is None else within_s
        self._asked += 1
        number = self._asked
        self._waiting[number] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(within_s):
                await self._send(kind, body, number, within_s)
                said = await self._waiting[number]
                await self._until_taken(*said["told"])
                return said["answer"]
        except link.AWAY as error:
            raise EngineAway("the engine does not answer") from error
        finally:
            del self._waiting[number]

    async def _until_taken(self, engine: str, number: int) -> None:
        """What the answer rests on is to be seen here before it is given."""
        while self._newest[0] == engine and self._newest[1] < number:
            self._taken.clear()
            await self._taken.wait()

    async def _say(self, kind: str, body: Any) -> None:
        try:
            await self._send(kind, body, 0, self._answer_s)
        except link.AWAY as error:
            log.warning("the engine could not be told of this: %s: %s", kind, error)

    async def _send(self, kind: str, body: Any, number: int, within_s: float) -> None:
        asked = {
            "id": number,
            "process": self.name,
            "reply_to": self._replies,
            "until": self.now_ms() + round(within_s * 1000),
            "kind": kind,
            "body": body,
        }
        await self._redis.rpush(link.REQUESTS, link.encode(asked))

    async def _hear_answers(self) -> None:
        while True:
            try:
                said = await self._redis.blpop([self._replies], timeout=link.BLOCK_MS / 1000)
            except link.AWAY:
                await asyncio.sleep(link.AGAIN_S)
                continue
            if said is not None:
                answer = link.decode(link.text(said[1]))
                waiting = self._waiting.get(answer["id"])
                if waiting is not None and not waiting.done():
                    waiting.set_result(answer)
