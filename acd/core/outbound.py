"""Which numbers may be called, and how: routes that name what they allow, caps, and what was called lately.

What no route allows is refused. A number comes in digits that the edge has read, and the endpoint from the centre's
file, so nothing that anybody wrote reaches a dial string.
"""

import re
from bisect import insort
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import field
from enum import StrEnum
from typing import TypeAlias

from acd.core.asked import Asked, AskedOfAgent
from acd.core.ids import AgentId, CallId, ChannelId, CustomerId, OfferId, QueueId
from acd.core.record import record

HOUR_MS = 3_600_000
# What a person did to calling out, as it is told and kept.
STOPPED, ALLOWED = "stop-outbound", "allow-outbound"
_DIALLED = re.compile(r"\+?[0-9]{1,20}")


class NumberKind(StrEnum):
    """What sort of number it is, by the numbering plans."""

    SUBSCRIBER = "subscriber"
    PREMIUM = "premium"  # Whoever calls it pays its owner.
    SATELLITE = "satellite"
    SHORT = "short"  # Digits that are no full number: 110, 95588.


@record
class Number:
    """A number that somebody wants to call. `digits` is E.164 with its +, or of a short one what is dialled."""

    digits: str
    kind: NumberKind


@record
class Route:
    """One way out: what it allows, and how it is dialled there."""

    name: str
    endpoint: str  # The PJSIP endpoint of the trunk.
    prefixes: tuple[str, ...] = ()  # Of E.164 numbers; the longest of all routes decides.
    barred: tuple[str, ...] = ()  # Prefixes that it does not allow.
    numbers: tuple[str, ...] = ()  # Short ones, each by itself.
    emergency: tuple[
        str, ...
    ] = ()  # The same, and nothing holds them up: no cap, no hours, no stop.
    premium: bool = False
    satellite: bool = False
    strip: str = ""  # What is taken off the front of an E.164 number …
    prepend: str = ""  # … and put there instead.
    caller_id: str = ""  # The number that is presented; none: what the trunk does by itself.
    hours: str = ""  # The calendar by which it is open; none: always.
    ring_ms: int = 45_000


@record
class Caps:
    """How much may be called out; 0: no limit."""

    agent_per_hour: int = 60
    agent_at_once: int = 2
    centre_per_hour: int = 0
    centre_at_once: int = 0


@record
class Outbound:
    """How this centre calls out. Without routes it does not."""

    routes: tuple[Route, ...] = ()
    # By whose rules calls out go, unless they name another one.
    queue: QueueId = field(default=QueueId(""))
    caps: Caps = field(default_factory=Caps)

    @property
    def emergency(self) -> bool:
        """Whether there are numbers that nothing holds up."""
        return any(route.emergency for route in self.routes)


class Barred(StrEnum):
    """Why a number is not called; each is a `Reason` too."""

    STOPPED = "outbound-stopped"
    NO_ROUTE = "no-route"
    PREMIUM = "premium-number"
    SATELLITE = "satellite-number"
    HOURS = "outside-hours"
    AGENT_CAP = "agent-cap"
    CENTRE_CAP = "centre-cap"


@record
class Allowed:
    """Call it by this route, with these digits."""

    route: Route
    dialled: str
    emergency: bool = False


@record
class Denied:
    """Do not call it."""

    why: Barred


Decision: TypeAlias = Allowed | Denied


def as_written(text: str) -> Number | None:
    """A number that is written in full, +8610…, or as it is dialled, 110: where nobody can read another one."""
    if not _DIALLED.fullmatch(text):
        return None
    full = text.startswith("+")
    return Number(digits=text, kind=NumberKind.SUBSCRIBER if full else NumberKind.SHORT)


def decide(routes: tuple[Route, ...], number: Number, is_open: Callable[[str], bool]) -> Decision:
    """Whether and how this number may be called; `is_open` says it of a calendar. Who asks does not matter here."""
    digits = number.digits
    for route in routes:
        if digits in route.emergency:
            return Allowed(route=route, dialled=_checked(digits), emergency=True)
    named = next((route for route in routes if digits in route.numbers), None)
    found = named or _by_prefix(routes, number)
    if found is None:
        return Denied(why=Barred.NO_ROUTE)
    if named is None and number.kind is NumberKind.PREMIUM and not found.premium:
        return Denied(why=Barred.PREMIUM)
    if named is None and number.kind is NumberKind.SATELLITE and not found.satellite:
        return Denied(why=Barred.SATELLITE)
    if found.hours and not is_open(found.hours):
        return Denied(why=Barred.HOURS)
    if named is None and found.strip:
        digits = digits.removeprefix(found.strip)
    if named is None:
        digits = found.prepend + digits
    return Allowed(route=found, dialled=_checked(digits))


def _by_prefix(routes: tuple[Route, ...], number: Number) -> Route | None:
    """The route that says most exactly that it allows this number, if none says as exactly that it does not."""
    if number.kind is NumberKind.SHORT:
        return None
    longest, found = "", None
    for route in routes:
        for prefixes, says in ((route.prefixes, route), (route.barred, None)):
            for prefix in prefixes:
                if number.digits.startswith(prefix) and len(prefix) > len(longest):
                    longest, found = prefix, says
    return found


def _checked(digits: str) -> str:
    assert _DIALLED.fullmatch(digits), "a dial string may have digits only"
    return digits


class Usage:
    """What has been called within the last hour, and what is being called or talked to now."""

    def __init__(self) -> None:
        self.changed: dict[
            AgentId, None
        ] = {}  # Who may have room for a call since, or none any more.
        self._begun: deque[tuple[int, AgentId]] = deque()
        self._by_agent: Counter[AgentId] = Counter()
        self._open: dict[ChannelId, AgentId] = {}

    def refusal(self, caps: Caps, agent: AgentId, at: int) -> Barred | None:
        """Which cap this agent would go over with one call more; None if he may."""
        if self.full(caps, agent, at):
            return Barred.AGENT_CAP
        if _full(len(self._begun), caps.centre_per_hour) or _full(
            len(self._open), caps.centre_at_once
        ):
            return Barred.CENTRE_CAP
        return None

    def full(self, caps: Caps, agent: AgentId, at: int) -> bool:
        """Whether this agent has called as often as he may, whatever the others do."""
        while self._begun and self._begun[0][0] <= at - HOUR_MS:
            _, before = self._begun.popleft()
            self._by_agent[before] -= 1
            if not self._by_agent[before]:
                del self._by_agent[before]
        his = sum(1 for other in self._open.values() if other == agent)
        return _full(self._by_agent[agent], caps.agent_per_hour) or _full(his, caps.agent_at_once)

    def lapses_at(self, agent: AgentId) -> int | None:
        """When the oldest of his calls counts no more; None if none does."""
        return next((at + HOUR_MS for at, other in self._begun if other == agent), None)

    def begin(self, leg: ChannelId, agent: AgentId, at: int) -> None:
        """He calls somebody, on this leg."""
        self._begun.append((at, agent))
        self._by_agent[agent] += 1
        self._open[leg] = agent
        self.changed[agent] = None

    def found(self, leg: ChannelId, agent: AgentId, at: int) -> None:
        """A restart finds that he has called somebody then, on this leg."""
        self._open[leg] = agent
        self.restore(agent, at)

    def restore(self, agent: AgentId, at: int) -> None:
        """He had called somebody then, before our restart."""
        insort(self._begun, (at, agent))
        self._by_agent[agent] += 1
        self.changed[agent] = None

    def end(self, leg: ChannelId) -> None:
        """That leg is gone."""
        agent = self._open.pop(leg, None)
        if agent is not None:
            self.changed[agent] = None


def _full(used: int, cap: int) -> bool:
    return bool(cap) and used >= cap


@record
class CallsOutRestored:
    """Who had called somebody in the hour before our restart, and when: caps count on. What goes on is found."""

    at: int
    begun: tuple[tuple[int, AgentId], ...]


# What people ask for: see `requests`.


@record
class MakeCall(AskedOfAgent):
    """Call somebody: the agent's own phone rings first, then the number is dialled by a route that allows it."""

    number: Number
    queue: QueueId | None = None  # By whose rules; None: by those of the centre's calls out.
    customer: CustomerId | None = None  # Who of those who have the number is meant.
    data: Mapping[str, str] = field(default_factory=dict)  # For the agent's screen.


@record
class SwitchOutbound(Asked):
    """Nobody calls out any more, emergencies apart, and what is being dialled ends; or everybody may again."""

    stopped: bool
    reason: str = ""


# What people are told. Each call that was placed ends once, as every call does.


@record
class CallPlaced:
    """An agent calls somebody, and his own phone is about to ring for it: the screen pop."""

    at: int
    call: CallId
    offer: OfferId
    agent: AgentId
    queue: QueueId  # By whose rules it goes.
    route: str
    customer: CustomerId | None = None  # Who it is for, if whoever asked for it has said so.
    data: Mapping[str, str] = field(default_factory=dict)  # In the words of who asked for it.


@record
class NumberDialled:
    """The agent has picked up, and the number is being called."""

    at: int
    call: CallId
    agent: AgentId
    route: str
