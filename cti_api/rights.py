"""Who sees what and may do what, as pure functions of who asks and how things stand; looks nothing up.

A supervisor sees everything and acts for everybody. An agent sees in full himself and the calls he is
offered or has; without customers' data the colleagues who serve a queue of his, and the callers who
wait in one; and nothing else. A router sees the calls it is asked about, in the question, and nothing else. An auditor
sees what has been, and nothing of what is.
"""

from collections.abc import Callable, Container
from enum import Enum

from acd.core.board import AgentView, CallView
from acd.core.call_permits import OUTSIDE_TOO, allowed
from acd.core.ids import AgentId, QueueId
from acd.core.party import PartyState
from cti_api.ports import User
from cti_api.shapes.calls import CallAction

# A phone that is in no call; no agent has this name.
SOME_PHONE = AgentId("")

_BEGUN = ("placed", "dialling")  # An agent makes the call, and they do not hear each other yet.


class Sight(Enum):
    """How much of something a user sees."""

    NONE = "none"
    PART = "part"
    FULL = "full"


def sight_of_agent(user: User, serves: Container[QueueId], agent: AgentView) -> Sight:
    """How much this user, who serves these queues, sees of an agent."""
    if may_act_for(user, agent.id):
        return Sight.FULL
    return Sight.PART if any(queue in serves for queue in agent.queues) else Sight.NONE


def sight_of_call(user: User, serves: Container[QueueId], call: CallView) -> Sight:
    """How much this user, who serves these queues, sees of a call."""
    if user.supervises or has_in_hand(user, call):
        return Sight.FULL
    waits = call.phase in ("waiting", "offered") and call.queue in serves
    return Sight.PART if waits else Sight.NONE


def has_in_hand(user: User, call: CallView) -> bool:
    """Whether this user talks on this call or beside it, or his phone rings for it."""
    return user.agent is not None and (
        user.agent == call.agent or user.agent in call.ringing or is_beside(user.agent, call)
    )


def is_beside(agent: AgentId, call: CallView) -> bool:
    """Whether this agent is asked, or in conference, by the one who has the call."""
    return any(one.agent == agent for one in call.parties)


def is_in(agent: AgentId, call: CallView) -> bool:
    """Whether this agent has the call, or his phone is in it or rings for it, whatever he is to do there."""
    hears = any(one.agent == agent for one in call.supervisors)
    return agent == call.agent or agent in call.ringing or is_beside(agent, call) or hears


def talks(user: User, call: CallView) -> bool:
    """Whether this user is the agent who talks on this call, or who makes it."""
    has_it = call.phase in ("talking", *_BEGUN) and user.agent == call.agent
    return user.agent is not None and has_it


def sees_queue(user: User, serves: Container[QueueId], queue: QueueId) -> bool:
    """Whether this user sees how a queue stands."""
    return user.supervises or queue in serves


def may_act_for(user: User, agent: AgentId) -> bool:
    """Whether this user may change the state of an agent."""
    return user.supervises or user.agent == agent


def rings_at(agent: AgentId, call: CallView) -> bool:
    """Whether this agent's phone rings for this call, whatever he is to do with it."""
    if agent in call.ringing:
        return True
    asked = any(one.agent == agent and one.state is PartyState.RINGING for one in call.parties)
    return asked or any(one.agent == agent and one.since is None for one in call.supervisors)


def call_actions(
    call: CallView,
    *,
    supervises: bool,
    agent: AgentId | None = None,
    picks_up: Callable[[AgentId], bool] = lambda agent: False,
    calls_out: Callable[[], bool] = lambda: False,
) -> list[CallAction]:
    """What can be done with this call now: by a supervisor, by the agent who has it, or by `agent` who looks.

    A supervisor who looks as no agent has no phone, and may do nothing for which one is rung; see SOME_PHONE.
    `picks_up` says of an agent whether his phone does when it is told to; `calls_out`, whether anybody may be called.
    """
    answers = agent is not None and rings_at(agent, call) and picks_up(agent)
    first: tuple[CallAction, ...] = ("answer",) if answers else ()
    writes = _has_it_on_screen(call, supervises=supervises, agent=agent)
    last: tuple[CallAction, ...] = ("write-data",) if writes else ()
    waits = supervises and call.phase == "waiting" and call.callback is None
    out: tuple[CallAction, ...] = (
        ("deflect",) if waits and agent is not None and calls_out() else ()
    )
    talk = _of_the_talk(call, supervises=supervises, agent=agent)
    had = agent in call.handed_on_by and call.phase != "ended" and "record-outcome" not in talk
    owed: tuple[CallAction, ...] = ("record-outcome",) if had else ()
    return [*first, *talk, *owed, *out, *last]


def _has_it_on_screen(call: CallView, *, supervises: bool, agent: AgentId | None) -> bool:
    """Whether he may note something with it: a supervisor, and whoever has it in hand."""
    if call.phase == "ended" or supervises:
        return supervises and call.phase != "ended"
    if agent is None:
        return call.agent is not None
    return agent == call.agent or agent in call.ringing or is_beside(agent, call)


def _of_the_talk(call: CallView, *, supervises: bool, agent: AgentId | None) -> list[CallAction]:
    owed: tuple[CallAction, ...] = ("cancel-callback",) if supervises and call.callback else ()
    if supervises and call.phase == "waiting":
        return ["set-requirement", "set-priority", "move-to-queue", "move-to-front", *owed]
    if supervises and call.phase == "paused":
        return ["set-priority", *owed]
    if call.phase == "offered" and (supervises or agent is None or agent in call.ringing):
        return ["reject", "deflect", *owed] if call.ringing else []
    if call.phase in _BEGUN and (supervises or agent in (None, call.agent)):
        return ["clear", *owed]
    if call.phase == "outside":
        return [action.value for action in OUTSIDE_TOO] if supervises else []
    if call.agent is None or call.phase not in ("talking", "survey", "ended"):
        return []
    if call.phase != "talking":
        return ["record-outcome"] if supervises or agent in (None, call.agent) else []
    if not supervises and agent not in (None, call.agent):
        return ["leave"] if agent is not None and is_beside(agent, call) else []
    with_it = allowed(call.held_since is not None, call.beside, call.recording)
    hear: tuple[CallAction, ...] = ("listen", "whisper", "barge")
    listens = supervises and agent not in (None, call.agent) and not is_beside(agent, call)
    others = hear if listens else ()
    return [*(action.value for action in with_it), "record-outcome", *others]
