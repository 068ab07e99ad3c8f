"""Carries out commands on one Asterisk, in order for each channel, side by side for all others.

It decides nothing: what fails is told as an event, and the engine knows what to do about it.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable

from acd.adapters.asterisk.ari_client import AriClient, AriUnreachable
from acd.adapters.asterisk.ari_commands import (
    RemoveBridge,
    Task,
    failure_of,
    lane_of,
    requests_for,
    subject_of,
)
from acd.core.commands import Connect
from acd.core.events import CommandFailed, Event, Failure
from acd.core.ids import ChannelId, bridge_for

log = logging.getLogger(__name__)


class Performer:
    """One queue of commands for each channel that has any; a channel without work costs nothing."""

    def __init__(
        self,
        client: AriClient,
        *,
        deliver: Callable[[Event], None],
        now_ms: Callable[[], int],
        reachable: Callable[[], bool],
    ) -> None:
        self._client = client
        self._deliver = deliver
        self._now_ms = now_ms
        self._reachable = reachable
        self._lanes: dict[ChannelId, deque[Task]] = {}
        self._workers: set[asyncio.Task[None]] = set()

    def perform(self, command: Task) -> None:
        """See to it; returns at once."""
        lane = lane_of(command)
        waiting = self._lanes.get(lane)
        if waiting is not None:
            waiting.append(command)
            return
        self._lanes[lane] = deque((command,))
        worker = asyncio.create_task(self._work(lane))
        self._workers.add(worker)
        worker.add_done_callback(self._done)

    async def stop(self) -> None:
        """Drop what has not been carried out yet."""
        workers = list(self._workers)
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)

    def _done(self, worker: asyncio.Task[None]) -> None:
        self._workers.discard(worker)
        if not worker.cancelled() and (error := worker.exception()):
            log.error("a command failed in our own hands", exc_info=error)

    async def _work(self, lane: ChannelId) -> None:
        waiting = self._lanes[lane]
        try:
            while waiting:
                await self._carry_out(waiting.popleft())
        finally:
            del self._lanes[lane]

    async def _carry_out(self, command: Task) -> None:
        try:
            if isinstance(command, RemoveBridge) and not await self._is_empty(command):
                return  # Gone already, or in use.
            for request in requests_for(command):
                if not self._reachable():
                    self._fail(command, Failure.UNREACHABLE, "not connected")
                    return
                reply = await self._client.request(request.method, request.path, request.body)
                if not (reply.ok or reply.status in request.as_good):
                    detail = f"{request.method} {request.path}: {reply.status} {reply.body[:200]!r}"
                    self._fail(command, failure_of(reply.status, reply.body), detail)
                    return
        except AriUnreachable as error:
            self._fail(command, Failure.UNREACHABLE, str(error))

    async def _is_empty(self, command: RemoveBridge) -> bool:
        return self._reachable() and await self._client.is_empty(bridge_for(command.offer))

    def _fail(self, command: Task, failure: Failure, detail: str) -> None:
        # That somebody has hung up meanwhile is everyday life; the rest is for a person to look at.
        level = logging.DEBUG if failure is Failure.GONE else logging.WARNING
        log.log(level, "%s: %s", type(command).__name__, detail)
        if isinstance(command, RemoveBridge):
            return  # Looked for again at the next look around.
        self._deliver(
            CommandFailed(
                at=self._now_ms(),
                command=type(command).__name__,
                channel=subject_of(command),
                failure=failure,
                detail=detail,
            )
        )
        if isinstance(command, Connect):
            self.perform(RemoveBridge(offer=command.offer))
