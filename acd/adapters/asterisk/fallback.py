"""Keeps app_queue's members equal to our agents on shift, so that Queue() serves the callers if we die.

It must never be in anybody's way: one action at a time, with a pause after each, and of all that
happened to an agent meanwhile only the last counts. While we live nobody waits in app_queue, so
being offered a call, talking and wrapping up are not mirrored; app_queue sees by itself whether a
phone is in use (ringinuse=no). What counts is who is on shift, and who does not want a call.

Asterisk is compared with what it should be, and the difference mended: nothing here relies on an
action having been done, or on having been the only one who did something.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace

from acd.adapters.asterisk.ami_client import AmiLost, Message
from acd.adapters.asterisk.ami_events import QueueMember, queue_member
from acd.adapters.asterisk.ami_link import AmiLink
from acd.core.agent import AgentState
from acd.core.configuration import AgentProfile, Desk
from acd.core.ids import AgentId
from acd.core.notices import AgentStateChanged, DutiesChanged, Notice

log = logging.getLogger(__name__)

# With persistentmembers, each change makes Asterisk write the queue's whole list to its database.
_PAUSE_S = 0.002
_RETRY_S = 5.0
# Somebody may have typed `queue remove member`.
_COMPARE_S = 300.0


class FallbackMirror:
    """The members of one Asterisk's app_queues, as they should be and as they are.

    Start it when the shift has been restored: an agent of whom it has not heard is not on shift.
    """

    def __init__(self, link: AmiLink, agents: Mapping[AgentId, AgentProfile]) -> None:
        self._link = link
        self._agents: dict[AgentId, AgentProfile] = {}
        self._at_device: dict[str, list[AgentId]] = {}  # Two agents may share a desk.
        self._paused: dict[AgentId, bool] = {}  # Of those on shift.
        self._desks: dict[AgentId, Desk | None] = {}  # Of those who sit at one, or once did.
        self._members: dict[str, dict[str, QueueMember]] = {}  # By device and queue; as they are.
        self._due: dict[str, None] = {}  # Devices to be looked at, the longest due first.
        self._compare = True
        self._work = asyncio.Event()
        self._worker: asyncio.Task[None] | None = None
        self._missing: dict[str, None] = {}
        self.use(agents)
        link.when_up(self._compare_soon)

    def use(self, agents: Mapping[AgentId, AgentProfile], phones: Iterable[str] = ()) -> None:
        """These are the agents from now on, and the phones that may be theirs. One that was is remembered."""
        self._agents = {
            agent: profile
            for agent, profile in sorted(agents.items())
            if profile.node == self._link.node
        }
        self._at_device |= {phone: [] for phone in phones}
        self._put_down()
        self._compare_soon()

    def _put_down(self) -> None:
        """Each agent at the phone that is his now."""
        self._at_device = {device: [] for device in self._at_device}
        for agent in self._agents:
            self._at_device.setdefault(self._phone_of(agent), []).append(agent)

    def _phone_of(self, agent: AgentId) -> str:
        desk = self._desks.get(agent)
        return desk.device if desk is not None else self._agents[agent].device

    def hear(self, notice: Notice) -> None:
        """What our engine tells everybody; only agents are of interest, and only some of it."""
        if isinstance(notice, DutiesChanged) and notice.agent in self._agents:
            changed = replace(self._agents[notice.agent], queues=notice.queues)
            self._agents[notice.agent] = changed
            self._look_at(notice.agent)
        if not isinstance(notice, AgentStateChanged):
            return
        if self._desks.get(notice.agent) != notice.desk:
            self._look_at(notice.agent)
            self._desks[notice.agent] = notice.desk
            self._put_down()
            self._look_at(notice.agent)
        # Whoever will leave or pause after the call in hand is not to be rung for another one.
        gone = AgentState.LOGGED_OUT in (notice.state, notice.pending)
        paused = None if gone else bool(notice.causes)
        if self._paused.get(notice.agent) is paused:
            return
        if paused is None:
            del self._paused[notice.agent]
        else:
            self._paused[notice.agent] = paused
        self._look_at(notice.agent)

    def _look_at(self, agent: AgentId) -> None:
        """What this agent's phone should have may be different now."""
        if agent in self._agents:
            self._due[self._phone_of(agent)] = None
            self._work.set()

    def start(self) -> None:
        """Begin to mirror."""
        assert self._worker is None, "started twice"
        self._worker = asyncio.create_task(self._keep_equal(), name=f"fallback {self._link.node}")

    async def stop(self) -> None:
        """Mirror no more. The members stay: they are for when we are away."""
        if self._worker is not None:
            self._worker.cancel()
            await asyncio.wait({self._worker})
            self._worker = None

    def _compare_soon(self) -> None:
        self._compare = True
        self._work.set()

    async def _keep_equal(self) -> None:
        while True:
            try:
                async with asyncio.timeout(_COMPARE_S):
                    await self._work.wait()
            except TimeoutError:
                self._compare = True
            self._work.clear()
            try:
                await self._mend()
            except AmiLost as lost:
                # What became of the last action is unknown: have a look before the next.
                self._compare = True
                if self._link.connected:
                    log.warning("Fallback queues of %s: %s", self._link.node, lost)
                    await asyncio.sleep(_RETRY_S)
                    self._work.set()
            except Exception:
                self._compare = True
                log.exception("The mirror of %s's fallback queues failed", self._link.node)
                await asyncio.sleep(_RETRY_S)

    async def _mend(self) -> None:
        if not self._link.connected:
            return  # It tells us when it is.
        if self._compare:
            await self._look()
        while self._due:
            device = next(iter(self._due))
            await self._settle(device)

    async def _look(self) -> None:
        found: dict[str, dict[str, QueueMember]] = {}

        def each(message: Message) -> None:
            member = queue_member(message)
            if member is not None and member.device in self._at_device:
                found.setdefault(member.device, {})[member.queue] = member

        self._compare = False
        answer = await self._link.request("QueueStatus", each=each)
        if not answer.ok:
            log.error(
                "Asterisk %s does not show its queues (%s): is app_queue loaded?",
                self._link.node,
                answer.text("Message"),
            )
            return
        self._members = found
        self._missing.clear()
        self._due = dict.fromkeys(self._at_device)

    def _wanted(self, device: str) -> dict[str, QueueMember]:
        """The memberships that this phone should have. Of two at one desk, the first by id."""
        wanted: dict[str, QueueMember] = {}
        for agent in self._at_device.get(device, ()) if device else ():
            paused = self._paused.get(agent)
            if paused is None:
                continue
            for queue in self._agents[agent].queues:
                member = QueueMember(queue=queue, device=device, name=agent, paused=paused)
                wanted.setdefault(queue, member)
        return wanted

    async def _settle(self, device: str) -> None:
        """Make this phone's memberships what they should be now."""
        actual = self._members.setdefault(device, {})
        # Asked for anew after each action, for the agent may have changed his mind meanwhile.
        while step := _next_step(self._wanted(device), actual, self._missing):
            if not await self._take(*step, actual):
                break  # One stubborn phone must not keep the others waiting; the next look is soon.
            await asyncio.sleep(_PAUSE_S)
        # Only now: were the action lost, this phone would still be due.
        self._due.pop(device, None)

    async def _take(self, action: str, member: QueueMember, actual: dict[str, QueueMember]) -> bool:
        """Do one thing, and note it; False if Asterisk does not want to."""
        fields = {"Queue": member.queue, "Interface": member.device}
        if action != "QueueRemove":
            fields["Paused"] = "true" if member.paused else "false"
        if action == "QueueAdd":
            fields |= {"MemberName": member.name, "StateInterface": member.device}
        try:
            answer = await self._link.request(action, fields)
        except ValueError:
            log.exception("A device, queue or agent has a name that no AMI action can carry")
            return False
        said = answer.text("Message")
        if answer.ok and action == "QueueRemove":
            del actual[member.queue]
        elif answer.ok and action == "QueuePause":
            actual[member.queue] = replace(actual[member.queue], paused=member.paused)
        elif answer.ok:
            actual[member.queue] = member
        elif said.endswith("No such queue"):
            self._missing[member.queue] = None
            log.warning(
                "Asterisk %s has no app_queue %s to serve its callers when we cannot: "
                "add [%s](cordboard-queue) to queues.conf",
                self._link.node,
                member.queue,
                member.queue,
            )
        else:
            log.warning("%s of %s in app_queue %s: %s", action, member.device, member.queue, said)
            return False
        return True


def _next_step(
    wanted: Mapping[str, QueueMember],
    actual: Mapping[str, QueueMember],
    missing: Mapping[str, None],
) -> tuple[str, QueueMember] | None:
    """The next action that brings `actual` nearer to `wanted`; None when there is nothing to do."""
    for queue, member in actual.items():
        if queue in missing or not member.dynamic:
            continue
        # Under the name of another agent the queue's log would credit him with the calls.
        if queue not in wanted or wanted[queue].name != member.name:
            return "QueueRemove", member
    for queue, member in wanted.items():
        if queue in missing:
            continue
        if queue not in actual:
            return "QueueAdd", member
        if actual[queue].paused != member.paused:
            return "QueuePause", member
    return None
