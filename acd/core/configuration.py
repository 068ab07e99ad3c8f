"""What the engine is told about the call centre: agents, queues, menus, time limits; never where it was read.

All of it is data, so that a journal can hold it and a replay can put another one in its place.
"""

from collections.abc import Mapping
from dataclasses import field, replace
from enum import StrEnum

from acd.core.callback import CallbackRule
from acd.core.customer import DAY_MS, USUAL_RULE, RepeatRule
from acd.core.disposition import Dispositions
from acd.core.hours import Calendar
from acd.core.ids import AgentId, DeskId, MenuId, NodeId, QueueId
from acd.core.outbound import Outbound
from acd.core.record import record
from acd.core.recording import RecordWhen
from acd.core.survey import SurveyRule
from ivr.steps import Menu

DEFAULT_NODE = NodeId("pbx1")
RING_ALL = "ring-all"  # The one strategy that is not only an order: see `phones_at_once`.


class MissedPolicy(StrEnum):
    """What becomes of an agent who lets an offer ring out, or refuses it."""

    # With cause `ring-no-answer` or `rejected`, until he says that he is back.
    NOT_READY = "not-ready"
    RETRY = "retry"  # Stays ready; this call spares him for a while, the others for his rest.


class AutoAnswer(StrEnum):
    """How an agent's phone is told to pick up by itself: by the header that this make of phone obeys."""

    NO = "no"
    CALL_INFO = "call-info"  # Call-Info: <sip:cordboard>;answer-after=0
    ALERT_INFO = "alert-info"  # Alert-Info: <http://cordboard>;info=alert-autoanswer
    ANSWER_MODE = "answer-mode"  # Answer-Mode: Auto, of RFC 5373


class RemoteAnswer(StrEnum):
    """How an agent's phone that rings is told to pick up when he says so on his screen."""

    NO = "no"
    TALK = "talk"  # NOTIFY with `Event: talk` in the call that rings.


class WrapUpMode(StrEnum):
    """What ends an agent's work after a call, besides its time, a supervisor, and a disposition that is owed."""

    NONE = "none"  # There is none.
    OPTIONAL = "optional"  # Whatever he says comes next: ready, a break, that he goes home.
    TIMED = "timed"  # That he is ready, has finished, or goes home; a break comes after it.
    LOCKED = "locked"  # Nothing: there is no early exit.


class WhenUnstaffed(StrEnum):
    """What becomes of callers in a queue for which no agent is on shift who could take them."""

    WAIT = "wait"
    LEAVE = "leave"  # Given back to the dialplan, those who wait already included.


class AtClosing(StrEnum):
    """What becomes of callers who wait when their queue closes."""

    FINISH = "finish"  # They are served.
    LEAVE = "leave"  # Given back to the dialplan.


@record
class Ring:
    """One step of a search that widens: who is asked, and for how long until the next step."""

    requires: str = ""  # An expression over skills; see `skills`.
    teams: tuple[str, ...] = ()  # Any of these; none named: everybody.
    for_ms: int = 0  # 0, or on the last ring: until the end.


@record
class Overflow:
    """One step by which a queue that is too much is relieved, done once for each caller when all it asks for holds.

    Whatever it does, the caller keeps his priority and the time that he has waited.
    """

    # When. 0: whatever it is.
    after_ms: int = 0  # He has waited so long.
    # He will wait so much longer: the median, and only while forecasts are good.
    expected_ms: int = 0
    waiting: int = 0  # So many wait in the queue.
    ahead: int = 0  # So many are before him.
    per_agent: int = 0  # So many wait for each agent on shift.
    # What. One of these.
    also: tuple[QueueId, ...] = ()  # The agents of these queues are asked too, after his own.
    queue: QueueId | None = None  # He waits on there.
    leave: str = ""  # He is given back with this result.


@record
class Announcements:
    """What a caller is told over the music while he waits, and when. Of these things, those that there are."""

    first_ms: int = 30_000  # He has waited so long.
    every_ms: int = 0  # And again; 0: it is said once.
    position: bool = False  # Where he stands.
    wait: bool = False  # How long it will take, while the estimates of this queue are good.
    prompts: tuple[str, ...] = ()  # Sounds, at the end.


@record
class QueueRules:
    """How one queue treats its callers and its agents.

    Order over all queues: first the call's priority, higher first; then its score, larger first:
    `weight` × time waited + bonuses; then the id of the call.
    """

    id: QueueId
    name: str
    strategy: str = "longest-idle"
    route_ms: int = 0  # An external router is asked first, and has so long; 0: there is none.
    ring_timeout_ms: int = 15_000
    wrap_up: WrapUpMode = WrapUpMode.OPTIONAL
    wrap_up_ms: int = 30_000  # 0: none.
    wrap_up_extension_ms: int = 0  # By how much an agent may make it longer, once; 0: not at all.
    dispositions: tuple[str, ...] = ()  # Those, and what is below them, may be chosen; none: all.
    must_dispose: bool = False  # No agent ends his wrap-up before he has chosen one.
    no_answer: MissedPolicy = MissedPolicy.NOT_READY
    no_answers: int = 1  # So many in a row, of whatever queue, before the policy's `not-ready`.
    no_answer_rest_ms: int = 0  # How long who stays ready all the same is not rung for anybody.
    reject: MissedPolicy = MissedPolicy.RETRY
    rejects: int = 1
    reject_rest_ms: int = 5_000
    ring_at_most: int = 20  # With strategy `ring-all`: so many phones at once for one call.
    # How long a call spares an agent who refused it or did not answer it: twice as long each time.
    spare_ms: int = 30_000
    spare_at_most_ms: int = 240_000
    hold_music: str = "default"
    announcements: Announcements | None = None
    whisper: tuple[str, ...] = ()  # What the agent hears before the caller.
    whisper_repeat: tuple[str, ...] = ()  # And after that, of a repeat caller.
    # Who may answer.
    requires: str = ""  # Of every agent, in every ring.
    rings: tuple[Ring, ...] = ()
    order: tuple[AgentId, ...] = ()  # For strategy `linear`.
    skill: str = ""  # For strategies `best-skill` and `weighted-random`.
    last_agent_ms: int = 0  # How long a repeat caller waits for who served him last; 0: not at all.
    repeat: RepeatRule = USUAL_RULE
    # Who comes first.
    weight: int = 1
    repeat_bonus_ms: int = 0  # As if a repeat caller had waited this much longer.
    # The same for a customer's segment.
    segment_bonus_ms: Mapping[str, int] = field(default_factory=dict)
    # Who may wait, and until when.
    most_waiting: int = 0  # Who comes when so many wait is given back; 0: no limit.
    longest_wait_ms: int = 0  # Who has waited so long is given back; 0: no limit.
    hours: str = ""  # The calendar it is open by; none: always.
    at_closing: AtClosing = AtClosing.FINISH
    when_unstaffed: WhenUnstaffed = WhenUnstaffed.WAIT
    overflow: tuple[Overflow, ...] = ()
    resume_ms: int = 0  # Who hung up and calls again within this has his old place; 0: not.
    exit_keys: Mapping[str, str] = field(default_factory=dict)  # Key → result in the dialplan.
    callback: CallbackRule | None = None  # None: nobody is called back.
    survey: SurveyRule | None = None  # After a conversation.
    # What is recorded.
    record: RecordWhen = RecordWhen.NEVER
    record_needs_consent: bool = False  # Only who has agreed is recorded.
    record_aside: bool = False  # Also what is said while the caller hears music.
    record_stereo: bool = False  # What he says left, what he hears right; nothing aside then.

    @property
    def phones_at_once(self) -> int:
        """How many phones may ring for one call."""
        return self.ring_at_most if self.strategy == RING_ALL and not self.route_ms else 1


@record
class Membership:
    """How one agent serves one queue."""

    level: int = 0  # Of those who are idle, who has a lower one comes first, whatever the strategy.
    after_ms: int = 0  # Takes its callers only when they have waited so long.


_PLAIN = Membership()


@record
class AgentProfile:
    """One agent: the phone that rings, and the queues he serves."""

    id: AgentId
    name: str
    # The phone as Asterisk names it, such as PJSIP/ana, never taken from a client; none: he logs in at desks.
    device: str = ""
    queues: tuple[QueueId, ...]
    node: NodeId = DEFAULT_NODE
    team: str | None = None
    skills: Mapping[str, int] = field(default_factory=dict)  # Name → level, 0 to 100.
    auto_answer: AutoAnswer = AutoAnswer.NO
    remote_answer: RemoteAnswer = RemoteAnswer.NO
    memberships: Mapping[QueueId, Membership] = field(default_factory=dict)  # Unless it is plain.
    client_grace_ms: int | None = None  # How long his client may be away; None: he needs none.

    @property
    def phone(self) -> tuple[NodeId, str]:
        """The phone, which has its name only within its Asterisk."""
        return (self.node, self.device)

    def membership(self, queue: QueueId) -> Membership:
        """How this agent serves this queue."""
        return self.memberships.get(queue, _PLAIN)


@record
class Desk:
    """A phone that is nobody's own: an agent who logs in there has it in place of his until he logs out."""

    id: DeskId
    name: str
    device: str  # As an agent's: of the centre's file, and of no client.


@record
class Duties:
    """What a supervisor has put in the place of the file's word about an agent. None: as the file says."""

    queues: tuple[QueueId, ...] | None = None
    skills: Mapping[str, int] | None = None

    @property
    def any(self) -> bool:
        """Whether anything is not as the file says."""
        return self.queues is not None or self.skills is not None

    def of(self, profile: AgentProfile) -> AgentProfile:
        """The agent with these duties."""
        return replace(
            profile,
            queues=profile.queues if self.queues is None else self.queues,
            skills=profile.skills if self.skills is None else self.skills,
        )


@record
class Limits:
    """Time limits of the whole centre."""

    # After this, a call goes on without knowing who calls; the answer pops late.
    identify_ms: int = 300
    dead_man_ms: int = 60_000  # If we do not renew within this, Asterisk takes the caller back.
    whisper_ms: int = 8_000  # No caller waits longer while his agent hears who he is.
    connect_ms: int = 5_000  # Both legs must be in the bridge by then.
    release_ms: int = 5_000  # A leg that was told to end must be gone by then.
    # Rest for a phone that could not be reached, so that nobody rings it in a loop.
    cool_ms: int = 5_000
    phone_grace_ms: int = 10_000  # A phone that has come off may come back within this.
    # In use for so long with no call of ours: by then what we are told of ours is in.
    own_call_ms: int = 1_000
    menu_ms: int = 300_000  # Nobody stays in menus longer, whatever keys he presses.


@record
class Configuration:
    """The whole call centre."""

    queues: Mapping[QueueId, QueueRules] = field(default_factory=dict)
    agents: Mapping[AgentId, AgentProfile] = field(default_factory=dict)
    desks: Mapping[DeskId, Desk] = field(default_factory=dict)
    duties: Mapping[AgentId, Duties] = field(default_factory=dict)  # Before the agents' own.
    menus: Mapping[MenuId, Menu] = field(default_factory=dict)
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    # What may come of a call; none: whatever an agent writes.
    dispositions: Dispositions = field(default_factory=dict)
    outbound: Outbound = field(default_factory=Outbound)
    outbound_stopped: bool = False  # Somebody has seen to it that nobody calls out.
    limits: Limits = field(default_factory=Limits)
    repeat: RepeatRule = USUAL_RULE  # For callers who are in no queue yet.
    repeat_window_ms: int = DAY_MS  # How far back to look: the widest window of all these rules.

    @property
    def devices(self) -> tuple[str, ...]:
        """Every phone that may be an agent's, each once."""
        own = [profile.device for profile in self.agents.values() if profile.device]
        return tuple(dict.fromkeys([*own, *(desk.device for desk in self.desks.values())]))

    def profile_of(self, agent: AgentId, desk: Desk | None = None) -> AgentProfile:
        """This agent, with the duties that he has now, at his own phone or at this desk's."""
        profile = self.duties.get(agent, Duties()).of(self.agents[agent])
        return replace(profile, device=desk.device) if desk is not None else profile
