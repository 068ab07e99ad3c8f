"""An agent holds, retrieves, hands on or ends the call he has; who may ask for it is settled at the edge.

What is asked is done at once as far as we are concerned: Asterisk is told, and if it does not obey, that is
told back (`failures`). The caller is never between two places: who is handed on waits in a queue, with a
place of his own, from the moment he is let go.
"""

from collections.abc import Iterator
from dataclasses import replace

from acd.core.call import SETTING_UP, Call, CallState, Hearing
from acd.core.call_permits import OUTSIDE_TOO, CallAction
from acd.core.call_permits import refusal as refusal_of
from acd.core.commands import PlayTones
from acd.core.handlers import recorder, surveying
from acd.core.handlers.answers import Refusal, accept
from acd.core.handlers.calling import give_up
from acd.core.handlers.dialling import AGENT_GAVE_UP
from acd.core.handlers.holding import hold_leg, hold_side, retrieve_side, wind_up
from acd.core.handlers.interventions import changed
from acd.core.handlers.offers import dismiss, withdraw
from acd.core.handlers.parties import handed_on, let_go
from acd.core.handlers.waiting import DONE, enqueue, refusal, release
from acd.core.ids import AgentId, QueueId, caller_leg
from acd.core.matching import Output, offer
from acd.core.notices import Change, Reason, Supervised
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


def hold_call(state: State, request: HoldCall) -> Iterator[Output]:
    """The caller hears music."""
    call = asked(state, request, CallAction.HOLD)
    yield accept(request)
    yield from hold_side(state, call, request.at)


def retrieve_call(state: State, request: RetrieveCall) -> Iterator[Output]:
    """Caller and agent hear each other again."""
    call = asked(state, request, CallAction.RETRIEVE)
    yield accept(request)
    yield from retrieve_side(state, call, request.at)


def clear_call(state: State, request: ClearCall) -> Iterator[Output]:
    """The conversation is over, for all who are in it; the caller goes back to the dialplan.

    A call that an agent has only begun to make is given up.
    """
    begun = state.calls.get(request.call)
    if begun is not None and begun.state in SETTING_UP:
        yield accept(request)
        yield from give_up(state, begun, AGENT_GAVE_UP, request.at)
        return
    call = asked(state, request, CallAction.CLEAR)
    yield accept(request)
    if call.state is CallState.OUTSIDE:
        yield noted(request, call, CallAction.CLEAR)
        yield from release(state, call, DONE, request.at)
        yield from dismiss(state, call, request.at)
        return
    talk = let_go(state, call, request.at)
    yield from surveying.after_talk(state, call, request.at)
    yield from withdraw(state, talk, None, request.at)
    yield from dismiss(state, call, request.at)


def send_tones(state: State, request: SendTones) -> Iterator[Output]:
    """The caller's side hears the keys."""
    call = asked(state, request, CallAction.SEND_TONES)
    yield accept(request)
    yield PlayTones(call=call.id, keys=request.keys)


def transfer_to_queue(state: State, request: TransferToQueue) -> Iterator[Output]:
    """The caller waits in another queue, or once more in his own, if it takes him."""
    call = asked(state, request, CallAction.TRANSFER)
    if request.queue not in state.queues:
        raise Refusal(Reason.UNKNOWN_QUEUE)
    if refusal(state, replace(call, queue=request.queue), request.at) is not None:
        raise Refusal(Reason.QUEUE_REFUSES)
    yield accept(request)
    if call.state is CallState.OUTSIDE:
        yield noted(request, call, CallAction.TRANSFER)
    if call.deflected and call.queue != request.queue:
        call.queue = request.queue
        yield changed(call, request.by, Change.QUEUE, request.at)
    yield from hand_on(state, call, request.queue, None, request.at)


def transfer_to_agent(state: State, request: TransferToAgent) -> Iterator[Output]:
    """The phone of an agent who is free rings; while he does not answer, the caller waits in his queue."""
    call = asked(state, request, CallAction.TRANSFER)
    agent = state.agents.get(request.agent)
    if agent is None:
        raise Refusal(Reason.UNKNOWN_AGENT)
    if not state.may_be_named(agent, call, request.at):
        raise Refusal(Reason.AGENT_NOT_FREE)
    if call.queue not in state.queues:
        raise Refusal(Reason.UNKNOWN_QUEUE)  # It was taken away while they talked.
    yield accept(request)
    if call.state is CallState.OUTSIDE:
        yield noted(request, call, CallAction.TRANSFER, agent.id)
    assert call.queue is not None
    yield from hand_on(state, call, call.queue, agent.id, request.at)
    yield from offer(state, call, agent, request.at)


def hand_on(
    state: State, call: Call, queue: QueueId, to_agent: AgentId | None, at: int
) -> Iterator[Output]:
    """The agent, or a number, has done with the caller, who waits again from now."""
    if call.state is CallState.OUTSIDE:
        yield from _take_back(state, call, queue, at)
        return
    if call.held_since is None:
        yield hold_leg(state, call, caller_leg(call.id))
        call.hearing = Hearing.MUSIC
    yield from recorder.talk_ends(call, at)
    talk = let_go(state, call, at)
    yield handed_on(state, call, talk, queue, to_agent, at)
    yield from withdraw(state, talk, None, at)
    yield wind_up(state, call, at)
    yield from enqueue(state, call, queue, call.priority, at)


def _take_back(state: State, call: Call, queue: QueueId, at: int) -> Iterator[Output]:
    """Whoever was left to a number, which may ring still, waits again; from when he began to, if none had him yet."""
    if not call.needs_us:
        yield hold_leg(state, call, caller_leg(call.id))
        call.hearing = Hearing.MUSIC
    yield from recorder.talk_ends(call, at)
    yield wind_up(state, call, at)
    if not call.deflected:
        call.joined_at = call.placed_at = None
    yield from enqueue(state, call, queue, call.priority, at)
    yield from dismiss(state, call, at)


def noted(
    request: CallControl, call: Call, action: CallAction, to: AgentId | None = None
) -> Supervised:
    """For the record: no agent has this call, so it is a supervisor who does something with it."""
    return Supervised(
        at=request.at, by=request.by, agent=to, action=action.value, reason="", detail=call.id
    )


def asked(state: State, request: CallControl, action: CallAction) -> Call:
    """The call with which this may be done now."""
    call = state.calls.get(request.call)
    if call is None:
        raise Refusal(Reason.UNKNOWN_CALL)
    if call.state is CallState.OUTSIDE and action in OUTSIDE_TOO:
        return call
    if call.state is not CallState.TALKING:
        raise Refusal(Reason.NOT_TALKING)
    reason = refusal_of(action, call.held_since is not None, call.beside, call.recording)
    if reason is not None:
        raise Refusal(reason)
    return call
