"""An agent asks another one while the caller waits: to and fro, all together, handed over, or back; as in `control`.

Nobody is moved but those who come and go: the agent who has the call stays in its bridge, and caller and consulted
enter and leave it. So Asterisk has no moment in which it is empty, and whoever takes over is there already.
"""

from collections.abc import Iterator

from acd.core.agent import Agent
from acd.core.call import Call
from acd.core.call_permits import CallAction
from acd.core.commands import MuteLeg
from acd.core.handlers import outsiders, parties
from acd.core.handlers.answers import Refusal, accept
from acd.core.handlers.control import asked, noted
from acd.core.handlers.holding import hold_leg, hold_side, join_leg, retrieve_side, talk_of
from acd.core.handlers.offers import leave_to_others, let_party_go
from acd.core.ids import QueueId
from acd.core.matching import Output, anybody_idle
from acd.core.notices import Reason
from acd.core.offer import OfferOutcome
from acd.core.outbound import Allowed
from acd.core.outsider import Outsider
from acd.core.party import Party, PartyState
from acd.core.requests import (
    Alternate,
    CancelConsult,
    CompleteConsult,
    ConsultAgent,
    ConsultNumber,
    ConsultQueue,
    MuteNumber,
    MuteParty,
    RemoveNumber,
    RemoveParty,
    StartConference,
    TransferToNumber,
)
from acd.core.state import State
from acd.core.ways_out import may_dial


def consult_agent(state: State, request: ConsultAgent) -> Iterator[Output]:
    """The caller hears music, and the phone of an agent who is free rings."""
    call = asked(state, request, CallAction.CONSULT)
    agent = state.agents.get(request.agent)
    if agent is None:
        raise Refusal(Reason.UNKNOWN_AGENT)
    if not state.may_be_named(agent, call, request.at):
        raise Refusal(Reason.AGENT_NOT_FREE)
    yield accept(request)
    yield from _ask(state, call, agent, talk_of(state, call).queue, request.at)


def consult_queue(state: State, request: ConsultQueue) -> Iterator[Output]:
    """The same with the one whose turn it is in that queue. Who consults does not wait for anybody."""
    call = asked(state, request, CallAction.CONSULT)
    if request.queue not in state.queues:
        raise Refusal(Reason.UNKNOWN_QUEUE)
    agent = anybody_idle(state, call, request.queue, request.at)
    if agent is None:
        raise Refusal(Reason.NOBODY_FREE)
    yield accept(request)
    yield from _ask(state, call, agent, request.queue, request.at)


def consult_number(state: State, request: ConsultNumber) -> Iterator[Output]:
    """The caller hears music, and a number is called that some route allows."""
    yield from _call_number(state, request, CallAction.CONSULT)


def transfer_to_number(state: State, request: TransferToNumber) -> Iterator[Output]:
    """The same, and whoever picks up there has the caller. Until then the agent is there, and may take him back.

    Whom he was left to before, if no agent has him, is let go at once.
    """
    yield from _call_number(state, request, CallAction.TRANSFER)


def _call_number(
    state: State, request: ConsultNumber | TransferToNumber, action: CallAction
) -> Iterator[Output]:
    call, number, at = asked(state, request, action), request.number, request.at
    if number.digits in call.outsiders:
        raise Refusal(Reason.IN_CALL_ALREADY)
    if call.served_by is None and call.queue not in state.queues:
        raise Refusal(Reason.UNKNOWN_QUEUE)  # It was taken away: he would wait nowhere.
    by = call.served_by or next(iter(call.outsiders.values())).by
    way = may_dial(state, by, number, at)
    if not isinstance(way, Allowed):
        raise Refusal(way)
    yield accept(request)
    if call.served_by is None:
        yield noted(request, call, action)
        yield from outsiders.send_on(state, call, number, way, at)
        return
    if call.held_since is None:
        yield from hold_side(state, call, at)
    transfer = action is CallAction.TRANSFER
    yield from outsiders.dial(state, call, number, way, by, at, transfer=transfer)


def alternate(state: State, request: Alternate) -> Iterator[Output]:
    """From whom is consulted to the caller, or from the caller to him; who is left hears music."""
    call = asked(state, request, CallAction.ALTERNATE)
    yield accept(request)
    party = call.consulted
    assert party is not None
    if party.state is PartyState.CONSULTED:
        yield hold_leg(state, call, party.leg)
        yield from retrieve_side(state, call, request.at)
        party.move(PartyState.ON_HOLD)
    else:
        if call.held_since is None:  # Asterisk may have refused to bring him back.
            yield from hold_side(state, call, request.at)
        yield join_leg(state, call, party.leg)
        party.move(PartyState.CONSULTED)
    yield parties.told(call, party, request.at)


def complete_consult(state: State, request: CompleteConsult) -> Iterator[Output]:
    """Whoever is beside the call longest has it; the agent has done with it.

    If there are only numbers, the caller is left to these.
    """
    call = asked(state, request, CallAction.COMPLETE_CONSULT)
    yield accept(request)
    yield from leave_to_others(state, call, request.at)


def cancel_consult(state: State, request: CancelConsult) -> Iterator[Output]:
    """Whoever is consulted, or rung to be, is let go; agent and caller are together again."""
    call = asked(state, request, CallAction.CANCEL_CONSULT)
    yield accept(request)
    assert call.consulted is not None
    yield from let_party_go(state, call, call.consulted, OfferOutcome.WITHDRAWN, request.at)


def start_conference(state: State, request: StartConference) -> Iterator[Output]:
    """Whoever is consulted hears the caller, and the caller him."""
    call = asked(state, request, CallAction.CONFERENCE)
    yield accept(request)
    yield from parties.bring_together(state, call, request.at)


def remove(state: State, request: RemoveParty | RemoveNumber) -> Iterator[Output]:
    """Who is beside the call, an agent or a number, is let go."""
    call = asked(state, request, CallAction.REMOVE_PARTY)
    one = _meant(call, request)
    if one is None:
        raise Refusal(Reason.NOT_IN_CALL)
    yield accept(request)
    yield from let_party_go(state, call, one, OfferOutcome.WITHDRAWN, request.at)


def mute(state: State, request: MuteParty | MuteNumber) -> Iterator[Output]:
    """Who is beside the call, an agent or a number, is heard no more, or again."""
    call = asked(state, request, CallAction.REMOVE_PARTY)
    one = _meant(call, request)
    if one is None:
        raise Refusal(Reason.NOT_IN_CALL)
    if one.state is PartyState.RINGING:
        raise Refusal(Reason.CONSULT_NOT_ANSWERED)
    yield accept(request)
    one.muted = request.muted
    yield MuteLeg(call=call.id, channel=one.leg, muted=request.muted)
    yield parties.told(call, one, request.at)


def _meant(
    call: Call, request: RemoveParty | RemoveNumber | MuteParty | MuteNumber
) -> Party | Outsider | None:
    if isinstance(request, RemoveNumber | MuteNumber):
        return call.outsiders.get(request.number)
    return call.parties.get(request.agent)


def _ask(state: State, call: Call, agent: Agent, queue: QueueId, at: int) -> Iterator[Output]:
    if call.held_since is None:
        yield from hold_side(state, call, at)
    yield from parties.ask(state, call, agent, queue, at)
