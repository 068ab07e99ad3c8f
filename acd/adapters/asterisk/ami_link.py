"""Tells the engine what state the phones of one Asterisk are in; must never pass off the past as the present.

A phone's state is a veto, not a permission: our own ledger knows our calls, the phone knows the rest.
A veto that is out of date is worse than none. Without it, the worst is that a busy phone is rung and
says so within milliseconds; with it, an agent who hung up during the gap is never rung again, and
nobody sees why. So a state that we cannot vouch for any longer becomes UNKNOWN, which vetoes nothing.
A short gap is no reason: most phones are still as they were.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from acd.adapters.asterisk.ami_client import Ami, AmiLost, AmiTimings, Message
from acd.adapters.asterisk.ami_events import device_changed
from acd.core.events import DeviceChanged, DeviceState, Event
from acd.core.ids import NodeId

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkTimings:
    """How old what we know may become."""

    stale_s: float = 10.0  # Down for longer than this, and all states are unknown.
    refresh_s: float = 60.0  # Events may be lost on the way; a list now and then is not.


class AmiLink:
    """One Asterisk's phones, and the way to ask that Asterisk by AMI."""

    def __init__(
        self,
        node: NodeId,
        host: str,
        port: int,
        user: str,
        secret: str,
        *,
        deliver: Callable[[Event], None],
        now_ms: Callable[[], int],
        of_interest: Callable[[str], bool] = lambda device: True,
        timings: LinkTimings | None = None,
        ami_timings: AmiTimings | None = None,
    ) -> None:
        """`of_interest` keeps phones out that are no agent's, such as a trunk, busy all day."""
        self.node = node
        self._deliver = deliver
        self._now_ms = now_ms
        self._of_interest = of_interest
        self._timings = timings or LinkTimings()
        self._ami = Ami(
            host,
            port,
            user,
            secret,
            hear=self._hear,
            on_up=self._up,
            on_down=self._down,
            timings=ami_timings,
        )
        self.request = self._ami.request
        self._when_up: list[Callable[[], None]] = []
        # None: has to be told again, whatever it is.
        self._known: dict[str, DeviceState | None] = {}
        self._listed: dict[str, None] = {}
        self._due = asyncio.Event()
        self._refresher: asyncio.Task[None] | None = None
        self._expiry: asyncio.TimerHandle | None = None

    @property
    def connected(self) -> bool:
        """Whether we hear this Asterisk's manager."""
        return self._ami.connected

    def when_up(self, function: Callable[[], None]) -> None:
        """Call this whenever there is reason to ask Asterisk for everything anew."""
        self._when_up.append(function)

    def refresh_soon(self) -> None:
        """Ask for all phones' states, as when new agents have been configured."""
        self._due.set()

    async def start(self) -> None:
        """Connect; raises AmiRefused on a wrong secret, and waits for no Asterisk that is not there."""
        self._refresher = asyncio.create_task(self._keep_fresh(), name=f"ami refresh {self.node}")
        try:
            await self._ami.start()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Disconnect. Nothing is delivered any more."""
        await self._ami.close()
        if self._refresher is not None:
            self._refresher.cancel()
            await asyncio.wait({self._refresher})
            self._refresher = None
        self._cancel_expiry()

    def _up(self) -> None:
        self._cancel_expiry()
        # The engine may have been told, by another road, that this node was lost: tell it all again.
        self._known = dict.fromkeys(self._known)
        self._due.set()
        for function in self._when_up:
            function()

    def _down(self, _: str) -> None:
        self._cancel_expiry()
        loop = asyncio.get_running_loop()
        self._expiry = loop.call_later(self._timings.stale_s, self._forget_all)

    def _cancel_expiry(self) -> None:
        if self._expiry is not None:
            self._expiry.cancel()
            self._expiry = None

    def _forget_all(self) -> None:
        for device in self._known:
            self._learn(device, DeviceState.UNKNOWN)

    def _hear(self, message: Message) -> None:
        event = device_changed(message, self.node, self._now_ms())
        if event is not None and self._of_interest(event.device):
            self._listed[event.device] = None
            self._learn(event.device, event.state)

    def _learn(self, device: str, state: DeviceState) -> None:
        if self._known.get(device) is not state:
            self._known[device] = state
            self._deliver(
                DeviceChanged(at=self._now_ms(), node=self.node, device=device, state=state)
            )

    async def _keep_fresh(self) -> None:
        while True:
            try:
                async with asyncio.timeout(self._timings.refresh_s):
                    await self._due.wait()
            except TimeoutError:
                pass
            self._due.clear()
            if self.connected:
                await self._refresh()

    async def _refresh(self) -> None:
        self._listed = {}
        try:
            answer = await self.request("DeviceStateList", each=self._hear)
        except AmiLost as lost:
            log.warning("Phones of %s not listed: %s", self.node, lost)
            return
        if not answer.ok:
            log.error(
                "Asterisk %s does not list its phones (%s): the user in manager.conf needs write=reporting",
                self.node,
                answer.text("Message"),
            )
            return
        # Neither listed nor heard of since: Asterisk no longer has this phone.
        for device in [device for device in self._known if device not in self._listed]:
            self._learn(device, DeviceState.UNKNOWN)
            del self._known[device]
