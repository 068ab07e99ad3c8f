"""An agent holds, retrieves, hands on or ends the call he has; who may ask for it is settled at the edge.

What is asked is done at once as far as we are concerned: Asterisk is told, and if it does not obey, that is
told back (`failures`). The caller is never between two places: who is handed on waits in a queue, with a
place of his own, from the moment he is let go.
"""

from collections.abc import Iterator
from dataclasses import replace

from acd.core.call import Call, CallState, Hearing
from acd.core.commands import HoldCaller, PlayTones, RenewDeadMan, RetrieveCaller
from acd.core.handlers.offers import withdraw
from acd.core.handlers.waiting import DONE, enqueue, refusal, release
from acd.core.ids import AgentId, QueueId
from acd.core.matching import Output, offer
from acd.core.notices import (
    Accepted,
    CallHeld,
    CallRetrieved,
    CallTransferred,
    Reason,
    Refused,
)
from acd.core.offer import Offer
from acd.core.requests import (
    CallControl,
    ClearCall,
    HoldCall,
    RetrieveCall,
    SendTones,
    TransferToAgent,
    TransferToQueue,
)
from acd.core.state import State
from acd.core.timers import RenewDue, SpareOver


def hold_call(state: State, request: HoldCall) -> Iterator[Output]:
    """The caller hears music."""
    call = _talking(state, request)
    if isinstance(call, Refused):
        yield call
    elif call.held_since is not None:
        yield _refuse(request, Reason.ON_HOLD)
    else:
        yield _accept(request)
        yield _part(state, call)
        yield from held(state, call, request.at)


def held(state: State, call: Call, at: int) -> Iterator[Output]:
    """The caller is on hold from now on: if we die, Asterisk takes him back."""
    assert call.served_by is not None
    call.held_since = at
    call.hearing = Hearing.MUSIC
    yield wind_up(state, call, at)
    yield CallHeld(at=at, call=call.id, agent=call.served_by)


def retrieve_call(state: State, request: RetrieveCall) -> Iterator[Output]:
    """Caller and agent hear each other again."""
    call = _talking(state, request)
    if isinstance(call, Refused):
        yield call
    elif call.held_since is None:
        yield _refuse(request, Reason.NOT_ON_HOLD)
    else:
        yield _accept(request)
        yield RetrieveCaller(call=call.id, offer=_talk_of(state, call).id)
        yield from retrieved(state, call, request.at)


def retrieved(state: State, call: Call, at: int) -> Iterator[Output]:
    """The hold is over."""
    assert call.served_by is not None and call.held_since is not None
    held_ms = at - call.held_since
    call.stop_holding(at)
    call.hearing = Hearing.NOTHING
    state.timers.cancel(RenewDue(call.id))
    yield RenewDeadMan(call=call.id, timeout_ms=0)
    yield CallRetrieved(at=at, call=call.id, agent=call.served_by, held_ms=held_ms)


def clear_call(state: State, request: ClearCall) -> Iterator[Output]:
    """The conversation is over: the agent's leg ends, the caller goes back to the dialplan."""
    call = _talking(state, request)
    if isinstance(call, Refused):
        yield call
        return
    yield _accept(request)
    talk = _let_go(state, call, request.at)
    yield from release(state, call, DONE, request.at)
    yield from withdraw(state, talk, None, request.at)


def send_tones(state: State, request: SendTones) -> Iterator[Output]:
    """The caller's side hears the keys."""
    call = _talking(state, request)
    if isinstance(call, Refused):
        yield call
    elif call.held_since is not None:
        yield _refuse(request, Reason.ON_HOLD)
    else:
        yield _accept(request)
        yield PlayTones(call=call.id, keys=request.keys)


def transfer_to_queue(state: State, request: TransferToQueue) -> Iterator[Output]:
    """The caller waits in another queue, or once more in his own, if it takes him."""
    call = _talking(state, request)
    if isinstance(call, Refused):
        yield call
    elif request.queue not in state.queues:
        yield _refuse(request, Reason.UNKNOWN_QUEUE)
    elif refusal(state, replace(call, queue=request.queue), request.at) is not None:
        yield _refuse(request, Reason.QUEUE_REFUSES)
    else:
        yield _accept(request)
        yield from _hand_on(state, call, request.queue, None, request.at)


def transfer_to_agent(state: State, request: TransferToAgent) -> Iterator[Output]:
    """The phone of an agent who is free rings; while he does not answer, the caller waits in his queue."""
    call = _talking(state, request)
    agent = state.agents.get(request.agent)
    if isinstance(call, Refused):
        yield call
    elif agent is None:
        yield _refuse(request, Reason.UNKNOWN_AGENT)
    elif not (agent.routable(request.at) and state.can_ring(agent)):
        yield _refuse(request, Reason.AGENT_NOT_FREE)
    elif call.queue not in state.queues:
        yield _refuse(request, Reason.UNKNOWN_QUEUE)  # It was taken away while they talked.
    else:
        yield _accept(request)
        assert call.queue is not None
        yield from _hand_on(state, call, call.queue, agent.id, request.at)
        yield from offer(state, call, agent, request.at)


def _hand_on(
    state: State, call: Call, queue: QueueId, to_agent: AgentId | None, at: int
) -> Iterator[Output]:
    """The agent has done with the caller, who waits again from now."""
    assert call.served_by is not None
    agent, on_hold = call.served_by, call.held_since is not None
    if not on_hold:
        yield _part(state, call)
        call.hearing = Hearing.MUSIC
    talk = _let_go(state, call, at)
    yield CallTransferred(
        at=at,
        call=call.id,
        offer=talk.id,
        agent=agent,
        queue=talk.queue,
        to_queue=queue,
        to_agent=to_agent,
        talked_ms=call.talked_ms,
        held_ms=call.held_ms,
    )
    call.begin_again(at)
    # Who has just handed him on is not who he waits for.
    call.spares[agent] = at + state.queues[queue].spare_ms
    state.timers.set(SpareOver(call.id, agent), call.spares[agent])
    yield from withdraw(state, talk, None, at)
    yield wind_up(state, call, at)
    yield from enqueue(state, call, queue, call.priority, at)


def _let_go(state: State, call: Call, at: int) -> Offer:
    """The caller has this conversation no more; returns what it was."""
    talk = _talk_of(state, call)
    call.stop_talking(at)
    call.picked_up = None
    call.offers.clear()
    return talk


def wind_up(state: State, call: Call, at: int) -> RenewDeadMan:
    """From now on Asterisk takes the caller back if we do not say in time that we are here."""
    dead_man_ms = state.configuration.limits.dead_man_ms
    state.timers.set(RenewDue(call.id), at + dead_man_ms // 3)
    return RenewDeadMan(call=call.id, timeout_ms=dead_man_ms)


def _part(state: State, call: Call) -> HoldCaller:
    talk = _talk_of(state, call)
    rules = state.queues.get(talk.queue)
    music = rules.hold_music if rules is not None else "default"
    return HoldCaller(call=call.id, offer=talk.id, music=music)


def _talk_of(state: State, call: Call) -> Offer:
    assert call.picked_up is not None
    return state.offers[call.picked_up]


def _talking(state: State, request: CallControl) -> Call | Refused:
    call = state.calls.get(request.call)
    if call is None:
        return _refuse(request, Reason.UNKNOWN_CALL)
    return call if call.state is CallState.TALKING else _refuse(request, Reason.NOT_TALKING)


def _accept(request: CallControl) -> Accepted:
    return Accepted(at=request.at, request=request.request)


def _refuse(request: CallControl, reason: Reason) -> Refused:
    return Refused(at=request.at, request=request.request, reason=reason)
