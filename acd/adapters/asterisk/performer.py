"""Carries out commands on one Asterisk, in order for each channel, side by side for all others.

It decides nothing: what fails is told as an event, and the engine knows what to do about it.
"""

import asyncio
import logging
from asyncio import Future
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from acd.adapters.asterisk.ari_client import AriClient
from acd.adapters.asterisk.ari_commands import (
    RemoveBridge,
    Task,
    failure_of,
    lane_of,
    requests_for,
    subject_of,
)
from acd.adapters.asterisk.ari_requests import Request
from acd.adapters.asterisk.http_pool import Reply, Unanswered
from acd.core.commands import Connect, Overhear, RingAgent
from acd.core.events import CommandFailed, Event, Failure
from acd.core.ids import ChannelId, caller_leg

log = logging.getLogger(__name__)

_MOMENT_S = 0.005  # In which Asterisk has sent an INVITE.
_NOT_YET = (409, 422)  # The channel is not in Stasis.


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
        self._lanes: dict[ChannelId, _Lane] = {}
        self._stopped = False

    def perform(self, command: Task) -> None:
        """See to it; returns at once, and what nothing is in the way of is on the wire by then."""
        name = lane_of(command)
        lane = self._lanes.get(name)
        if lane is not None:
            lane.commands.append(command)
            return
        lane = self._lanes[name] = _Lane(name, command)
        self._go_on(lane)
        if isinstance(command, RingAgent):
            self._rest(caller_leg(command.call))

    def _rest(self, name: ChannelId) -> None:
        """What the caller hears of the ringing, and our note of it, must not compete with it for Asterisk."""
        if name not in self._lanes:
            lane = self._lanes[name] = _Lane(name)
            asyncio.get_running_loop().call_later(_MOMENT_S, self._go_on, lane)

    def stop(self) -> None:
        """Drop what has not been carried out yet."""
        self._stopped = True
        self._lanes.clear()

    def _go_on(self, lane: "_Lane") -> None:
        """Send the next request of this lane, or forget the lane."""
        while not self._stopped:
            if not lane.requests:
                if not lane.commands:
                    del self._lanes[lane.name]
                    return
                lane.command = lane.commands.popleft()
                lane.requests.extend(requests_for(lane.command))
            if not self._reachable():
                self._fail(lane, Failure.UNREACHABLE, "not connected")
                continue
            request = lane.requests.popleft()
            answer = self._client.ask(request.method, request.path, request.body)
            answer.add_done_callback(partial(self._answered, lane, request))
            return

    def _answered(self, lane: "_Lane", request: Request, answer: "Future[Reply]") -> None:
        if self._stopped:
            answer.exception()  # Nobody is interested any more.
            return
        try:
            reply = answer.result()
        except Unanswered as error:
            self._fail(lane, Failure.UNREACHABLE, f"{request.method} {request.path}: {error}")
        else:
            if reply.status in _NOT_YET and request.tries > 1:
                lane.requests.appendleft(replace(request, tries=request.tries - 1))
                asyncio.get_running_loop().call_later(_MOMENT_S, self._go_on, lane)
                return
            if not (reply.ok or reply.status in request.as_good):
                detail = f"{request.method} {request.path}: {reply.status} {reply.body[:200]!r}"
                self._fail(lane, failure_of(reply.status, reply.body), detail)
            elif not request.go_on(reply.body):
                lane.requests.clear()
        self._go_on(lane)

    def _fail(self, lane: "_Lane", failure: Failure, detail: str) -> None:
        lane.requests.clear()
        command = lane.command
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
        if isinstance(command, Connect | Overhear):  # Which may have made one.
            lane.commands.append(RemoveBridge(offer=command.offer))


class _Lane:
    """What is still to be done on one channel: the command in hand, what remains of it, those after it."""

    __slots__ = ("command", "commands", "name", "requests")

    def __init__(self, name: ChannelId, *commands: Task) -> None:
        self.name = name
        self.command: Task
        self.commands = deque(commands)
        self.requests: deque[Request] = deque()
