"""The connection to Redis, the names of its keys and the writing of what goes through; decides nothing."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias, get_args

import msgspec
from cattrs.preconf.json import make_converter
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as TurnedDown
from redis.exceptions import RedisError
from redis.maint_notifications import MaintNotificationsConfig

from acd.cases.news import CaseNews
from acd.centre.changes import Reloaded
from acd.core import events, notices, requests
from acd.core.board import Board
from acd.core.explain import Candidate
from acd.core.ids import CallId
from acd.pop import Background

STEPS = "cordboard:steps"  # A stream: what was told, in order, and now and then how everything is.
LEASE = "cordboard:lease"  # Who the engine is.
REQUESTS = "cordboard:requests"  # A list: what the engine is asked.
LOG_INS = "cordboard:log-ins"  # A stream: log-ins, and the ends of them.

LEASE_MS = 10_000
BEAT_S = 2.0
BLOCK_MS = 1_000  # How long a read waits for something new.
# redis-py 8 gives up after 5 s by default, once and for all commands, and tries again by itself. A read that
# blocks must be able to wait for BLOCK_MS and no fault may hold the beat up until the lease is over; and a
# command that is repeated behind our back is carried out twice.
_TIMEOUT_S = 3.0
AGAIN_S = 0.2  # After a fault: whoever has started Redis again is not kept waiting.

AWAY = (RedisError, OSError, asyncio.TimeoutError)

_converter = make_converter()
_KINDS: dict[str, Any] = {
    kind.__name__: kind
    for kind in (
        *get_args(notices.Notice),
        *get_args(requests.Request),
        events.ClientFound,
        events.ClientGone,
        Candidate,
        Reloaded,
        *get_args(CaseNews),
    )
}
Fields: TypeAlias = dict[Any, Any]  # As redis-py types those of a stream's entry.


def text(said: bytes | str | None) -> str:
    """A name that Redis says, whatever it was told to answer with."""
    return said.decode() if isinstance(said, bytes) else said or ""


def entries_of(found: Any) -> Iterator[tuple[str, dict[str, bytes]]]:
    """The entries of the one stream that was read; RESP3 and RESP2 say them differently."""
    for _, batch in found.items() if isinstance(found, dict) else found or ():
        entries = batch[0] if batch and isinstance(batch[0], list) else batch
        for name, fields in entries:
            yield text(name), {text(key): value for key, value in fields.items()}


def connect(url: str) -> "Redis":
    """A client; nothing is sent yet."""
    return Redis.from_url(
        url,
        socket_timeout=_TIMEOUT_S,
        socket_connect_timeout=_TIMEOUT_S,
        socket_keepalive=True,
        health_check_interval=0,  # The beat does it.
        # With them, which are on by default, it takes a connection that Redis has closed for one that works: after a
        # restart of Redis a command failed for each that was idle.
        maint_notifications_config=MaintNotificationsConfig(enabled=False),
        retry=Retry(NoBackoff(), 0),
        decode_responses=False,
    )


def turned_down(error: BaseException) -> bool:
    """Whether this says that no Redis is there, and not only that nothing is heard of it."""
    return isinstance(error, TurnedDown)


async def end(tasks: Iterable[asyncio.Task[None]]) -> None:
    """End these. redis-py may take a cancellation for a fault of the network, so it is said until it is heard."""
    while left := [task for task in tasks if not task.done()]:
        for task in left:
            task.cancel()
        await asyncio.wait(left, timeout=0.1)


def plain(thing: object) -> list[Any]:
    """One of ours, as what JSON can say."""
    return [type(thing).__name__, _converter.unstructure(thing)]


def thing_of(raw: list[Any]) -> Any:
    """What was written with `plain`."""
    kind, body = raw
    return _converter.structure(body, _KINDS[kind])


def plain_board(board: Board) -> Any:
    """How everything is."""
    return _converter.unstructure(board)


def board_of(raw: Any) -> Board:
    """The board that was written."""
    return _converter.structure(raw, Board)


def plain_backgrounds(known: Mapping[CallId, Background]) -> Any:
    """What screens show of callers."""
    return {call: _converter.unstructure(background) for call, background in known.items()}


def backgrounds_of(raw: Any) -> dict[CallId, Background]:
    """The backgrounds that were written."""
    return {CallId(call): _converter.structure(one, Background) for call, one in raw.items()}


encode = msgspec.json.encode
decode = msgspec.json.decode
