"""A call: one caller from the moment the dialplan gives him to us until he is gone; never knows an agent's state.

Who is called by an agent is the caller of that call, as far as everything here is concerned: see `direction`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from acd.core.callback import Callback
from acd.core.configuration import Overflow
from acd.core.customer import UNIDENTIFIED, Identity
from acd.core.estimate import Forecast
from acd.core.events import Entry
from acd.core.ids import (
    AgentId,
    CallId,
    CustomerId,
    Direction,
    NodeId,
    OfferId,
    QueueId,
    direction_of,
    node_of,
)
from acd.core.moves import check_move
from acd.core.outbound import Allowed
from acd.core.outsider import Outsider
from acd.core.party import Party, PartyState
from acd.core.recording import Recording
from acd.core.supervision import Supervision
from ivr.walk import Place


class CallState(StrEnum):
    """Where a caller is."""

    ARRIVED = "arrived"  # We are asking the directory who he is.
    IN_MENU = "in-menu"
    WAITING = "waiting"
    ROUTING = "routing"  # Still waiting, while an external router is asked, or has asked for time.
    PAUSED = "paused"  # He is called back, and not now: he was not reached, or it is closed.
    OFFERED = "offered"  # Still waiting, while an agent's phone rings for him, or several do.
    CONNECTING = "connecting"  # The agent has picked up; not yet heard.
    PLACED = "placed"  # An agent calls somebody: his own phone rings for it.
    DIALLING = "dialling"  # He has picked up, and hears how the other one's phone rings.
    TALKING = "talking"
    OUTSIDE = "outside"  # Left to a number that is being dialled for him, or that talks to him.
    LEAVING = "leaving"  # Told to hang up or to go back to the dialplan; not gone yet.
    ENDED = "ended"


MOVES: Mapping[CallState, frozenset[CallState]] = {
    CallState.ARRIVED: frozenset(
        {
            CallState.IN_MENU,
            CallState.WAITING,
            CallState.TALKING,  # Found so after our restart.
            CallState.OUTSIDE,  # The same.
            CallState.LEAVING,
            CallState.ENDED,
        }
    ),
    CallState.IN_MENU: frozenset({CallState.WAITING, CallState.LEAVING, CallState.ENDED}),
    CallState.WAITING: frozenset(
        {
            CallState.OUTSIDE,  # He is sent on to a number.
            CallState.ROUTING,
            CallState.OFFERED,
            CallState.PAUSED,
            CallState.IN_MENU,  # He asks to be called back.
            CallState.LEAVING,
            CallState.ENDED,
        }
    ),
    CallState.PAUSED: frozenset({CallState.WAITING, CallState.LEAVING}),
    CallState.ROUTING: frozenset({CallState.WAITING}),
    CallState.OFFERED: frozenset(
        {
            CallState.WAITING,
            CallState.CONNECTING,
            CallState.DIALLING,  # Who is called back, when the agent has picked up.
            CallState.ENDED,
        }
    ),
    CallState.CONNECTING: frozenset(
        {
            CallState.WAITING,
            CallState.OFFERED,  # They did not come together, and other phones ring for him still.
            CallState.TALKING,
            CallState.ENDED,
        }
    ),
    CallState.PLACED: frozenset({CallState.DIALLING, CallState.LEAVING, CallState.ENDED}),
    CallState.DIALLING: frozenset({CallState.TALKING, CallState.LEAVING, CallState.ENDED}),
    CallState.TALKING: frozenset(
        {
            CallState.WAITING,  # The agent has handed him on.
            CallState.IN_MENU,  # The agent has hung up, and he is asked what he thinks of it.
            CallState.OUTSIDE,
            CallState.LEAVING,
            CallState.ENDED,
        }
    ),
    CallState.OUTSIDE: frozenset(
        {
            CallState.WAITING,  # Nobody has picked up there, or somebody has taken him back.
            CallState.LEAVING,
            CallState.ENDED,
        }
    ),
    CallState.LEAVING: frozenset({CallState.ENDED}),
    CallState.ENDED: frozenset(),
}

IN_QUEUE = frozenset(
    {CallState.WAITING, CallState.ROUTING, CallState.OFFERED, CallState.CONNECTING}
)
# An agent calls, and they do not hear each other yet.
SETTING_UP = frozenset({CallState.PLACED, CallState.DIALLING})
# Nobody's phone rings for him.
UNOFFERED = frozenset({CallState.WAITING, CallState.ROUTING})


class Hearing(StrEnum):
    """What we have last let the caller hear, so that nothing is started twice."""

    NOTHING = "nothing"
    PROMPTS = "prompts"
    RINGING = "ringing"
    MUSIC = "music"
    ANNOUNCEMENT = "announcement"  # In the place of the music, for a moment.
    UNKNOWN = "unknown"  # Music that was started, and may not play.


@dataclass(slots=True, kw_only=True)
class Call:
    """One caller. Only the handlers change it."""

    id: CallId
    # What its name says, asked for again and again: the Asterisk that has the caller, and who has called whom.
    node: NodeId = field(init=False)
    direction: Direction = field(init=False)
    number: str
    name: str
    dialled: str
    entry: Entry
    target: str
    arrived_at: int
    state: CallState = CallState.ARRIVED
    identity: Identity = UNIDENTIFIED
    identified: bool = False
    answered: bool = False  # We have picked up the caller's leg; or who is called has.
    hearing: Hearing = Hearing.NOTHING
    place: Place | None = None  # Where in a menu.
    typed: str = ""  # The number that he wants to be called by, if he has typed one.
    # For this queue he asks to be called back; his number is being read.
    wants_back: QueueId | None = None
    playback: int = 0  # Number of the last prompts played.
    queue: QueueId | None = None
    priority: int = 0
    requires: tuple[str, ...] = ()  # What it asks of agents by itself, over skills; all must hold.
    reason: str | None = None  # Why he calls, as the dialplan says or a menu has learned.
    language: str | None = None  # In which the dialplan says he speaks.
    told: CustomerId | None = None  # Which customer the dialplan says he is.
    data: Mapping[str, str] = field(default_factory=dict)  # For screens.
    ring: int = 0  # Which step of the queue's widening search.
    # Of the delays that agents have in this queue, the longest that has passed.
    waited_for_ms: int = 0
    last_agent: AgentId | None = None  # Who served him last, while he is waited for.
    moves: int = 0  # How often overflow has taken him to another queue.
    overflow_done: tuple[Overflow, ...] = ()  # The steps of his queue that are behind him.
    overflow_next: tuple[Overflow, ...] = ()  # Those for which he has waited long enough.
    forecast: Forecast | None = None
    came_to: QueueId | None = None  # The queue that he came to first.
    joined_at: int | None = None
    placed_at: int | None = None  # From when his place in the line counts, if not from `joined_at`.
    overdue: bool = False  # When no phone rings for him any more, he goes: he has waited too long.
    offers: dict[AgentId, OfferId] = field(default_factory=dict)  # Those that are open.
    picked_up: OfferId | None = None  # The one of them that was first.
    # In whose bridge they talk: that of the first who had him, if one took over.
    bridge: OfferId | None = None
    parties: dict[AgentId, Party] = field(default_factory=dict)  # In the order of their coming.
    outsiders: dict[str, Outsider] = field(default_factory=dict)  # By their numbers; the same.
    last_dial: int = 0  # When a number was last called for it: no two legs have one name.
    supervisors: dict[AgentId, Supervision] = field(default_factory=dict)  # The same.
    consent: bool | None = None  # Whether he has agreed to be recorded; None: he was not asked.
    recording: Recording | None = None  # None: he may not be recorded, or nobody has had him yet.
    route: int = 0  # How often a router was asked; the number of the last question.
    routed: bool = False  # It has not answered in time: for this once, the queue decides.
    candidates: tuple[AgentId, ...] = ()  # Whom it was asked about.
    attempts: int = 0
    # Agent → until when not to offer him this call.
    spares: dict[AgentId, int] = field(default_factory=dict)
    missed: dict[AgentId, int] = field(default_factory=dict)  # How often he has let it go.
    served_by: AgentId | None = None
    handed_on_by: tuple[AgentId, ...] = ()  # Who had him before, in their order.
    waited_ms: int = 0
    connected_at: int | None = None
    talked_ms: int = 0
    over_at: int | None = None  # When his last conversation was over, if a survey came after it.
    held_since: int | None = None
    held_ms: int = 0  # Of what he has talked.
    # With what it was given back to the dialplan; or why somebody was not reached.
    result: str = ""
    way: Allowed | None = None  # By which an agent calls out.
    customer: CustomerId | None = None  # Whom he means to call, where a number is several people's.
    dialled_at: int | None = None  # Since when there is a leg to who is called.
    callback: Callback | None = None  # What it pays, until it is paid.

    def __post_init__(self) -> None:
        self.node, self.direction = node_of(self.id), direction_of(self.id)

    @property
    def place_counts_from(self) -> int | None:
        """Since when he waits, as the order of the line sees it."""
        return self.joined_at if self.placed_at is None else self.placed_at

    @property
    def beside(self) -> list[Party | Outsider]:
        """All who are beside the one who has it: agents first, for one of them is to have it after him."""
        return [*self.parties.values(), *self.outsiders.values()]

    @property
    def consulted(self) -> Party | Outsider | None:
        """Who is asked, and not in conference."""
        return next((one for one in self.beside if one.state is not PartyState.JOINED), None)

    @property
    def absent(self) -> bool:
        """Whether he has no channel: he is to be called, and is not yet."""
        return self.direction is Direction.OUT and self.dialled_at is None

    @property
    def keeps_place(self) -> bool:
        """Whether he waits in a queue, or hears a menu with his place there kept."""
        asks = self.state is CallState.IN_MENU and self.over_at is None
        return self.joined_at is not None and (asks or self.state in IN_QUEUE)

    @property
    def deflected(self) -> bool:
        """Whether a number rings to which he was sent on out of a queue: until it picks up, he waits there still."""
        numbers = self.outsiders.values() if self.state is CallState.OUTSIDE else ()
        return any(one.deflected and one.since is None for one in numbers)

    @property
    def needs_us(self) -> bool:
        """Whether the caller would be left alone if we were gone: Asterisk must then take him back."""
        if self.state in SETTING_UP or self.absent:
            return False
        if self.state is CallState.TALKING:
            return self.held_since is not None
        if self.state is CallState.OUTSIDE:
            return self.consulted is not None
        return self.state is not CallState.LEAVING

    def stop_holding(self, at: int) -> None:
        """The caller is not on hold any more, if he was."""
        if self.held_since is not None:
            self.held_ms += at - self.held_since
            self.held_since = None

    def stop_talking(self, at: int) -> None:
        """The conversation is over; how long it was is kept."""
        assert self.connected_at is not None
        self.stop_holding(at)
        self.talked_ms = at - self.connected_at

    def begin_again(self, at: int) -> None:
        """He was handed on, and waits as if he had come just now."""
        assert self.served_by is not None
        self.handed_on_by += (self.served_by,)
        self.served_by = self.connected_at = self.joined_at = None
        self.waited_ms = self.talked_ms = self.held_ms = self.moves = 0

    def hand_out(self, at: int) -> None:
        """No agent has him any more; should he come to wait again, it counts from now, and his place from before."""
        assert self.served_by is not None
        self.move(CallState.OUTSIDE)
        self.handed_on_by += (self.served_by,)
        self.placed_at, self.joined_at = self.place_counts_from, at
        self.served_by = self.connected_at = self.picked_up = None
        self.offers.clear()
        self.waited_ms = self.talked_ms = self.held_ms = self.moves = 0

    def spares_agent(self, agent: AgentId, at: int) -> bool:
        """Whether this agent has just let this call ring out or refused it."""
        return self.spares.get(agent, 0) > at

    def move(self, new: CallState) -> None:
        """Go to another state; an illegal move is our fault and fails."""
        check_move(MOVES, "call", self.id, self.state, new)
        self.state = new
