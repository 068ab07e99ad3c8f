"""An agent picks up by his screen what rings at his phone; that he has, his leg says, as when he lifts the receiver."""

from collections.abc import Iterator

from acd.core.commands import PickUp
from acd.core.configuration import RemoteAnswer
from acd.core.deflection import AnswerOffer
from acd.core.handlers.answers import Refusal, accept
from acd.core.matching import Output
from acd.core.notices import Reason
from acd.core.offer import OfferState
from acd.core.state import State


def answer_offer(state: State, request: AnswerOffer) -> Iterator[Output]:
    """A caller, a call of his own, a colleague who asks, or one to listen to: to pick up is the same."""
    reason = _refusal(state, request)
    if reason is not None:
        raise Refusal(reason)
    mine = state.agents[request.agent].offer
    assert mine is not None
    yield accept(request)
    yield PickUp(call=request.call, offer=mine)


def _refusal(state: State, request: AnswerOffer) -> Reason | None:
    agent = state.agents.get(request.agent)
    mine = state.offers.get(agent.offer) if agent is not None and agent.offer is not None else None
    if request.call not in state.calls:
        return Reason.UNKNOWN_CALL
    if agent is None or mine is None:
        return Reason.NOT_RINGING
    if mine.call != request.call or mine.state is not OfferState.RINGING:
        return Reason.NOT_RINGING
    return Reason.PHONE_CANNOT if agent.profile.remote_answer is RemoteAnswer.NO else None
