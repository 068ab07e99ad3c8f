"""An agent presses the transfer button of his phone: what he wants is done as if asked of us, or the caller waits.

By then his phone has been told that it is done, and Asterisk has taken his leg out of the bridge: he is on his way out,
whatever we say. So who may not go where he was sent waits in his queue once more, in the place that he had.
"""

from collections.abc import Iterator
from dataclasses import replace

from acd.core.call import Call
from acd.core.commands import HangUp
from acd.core.events import LegReferred
from acd.core.handlers import outsiders
from acd.core.handlers.control import hand_on
from acd.core.handlers.holding import hold_side
from acd.core.handlers.joining import sender, stay
from acd.core.handlers.offers import withdraw
from acd.core.handlers.waiting import refusal
from acd.core.ids import AgentId, OfferId, QueueId, offered_call
from acd.core.matching import Output, offer
from acd.core.offer import Offer
from acd.core.outbound import Allowed
from acd.core.state import State
from acd.core.ways_out import may_dial


def leg_referred(state: State, event: LegReferred) -> Iterator[Output]:
    """To a queue or an agent by its id, or to a number that some route allows; nowhere else."""
    name = OfferId(event.channel)
    yield HangUp(call=offered_call(name), channel=event.stand_in)
    sends = yield from sender(state, name, event.at)
    if sends is not None:
        yield from _send(state, *sends, event)


def _send(state: State, call: Call, talk: Offer, event: LegReferred) -> Iterator[Output]:
    queue, agent = QueueId(event.to), state.agents.get(AgentId(event.to))
    number, at = event.number, event.at
    way = may_dial(state, talk.agent, number, at) if number is not None else None
    if queue in state.queues and refusal(state, replace(call, queue=queue), at) is None:
        yield from hand_on(state, call, queue, None, at)
    elif agent is not None and state.may_be_named(agent, call, at) and call.queue in state.queues:
        assert call.queue is not None
        yield from hand_on(state, call, call.queue, agent.id, at)
        yield from offer(state, call, agent, at)
    elif number is not None and isinstance(way, Allowed):
        if call.held_since is None:
            yield from hold_side(state, call, at)
        yield from outsiders.dial(state, call, number, way, talk.agent, at, transfer=True)
        yield from outsiders.hand_out(state, call, at)
        yield from withdraw(state, talk, None, at)
    else:
        yield from stay(state, call, talk, at)
