"""The answer of an external router, in time or not; who is asked when nobody answers is decided in `matching`."""

from collections.abc import Iterator

from acd.core import router
from acd.core.call import CallState
from acd.core.handlers.answers import Refusal, accept
from acd.core.matching import Output, offer
from acd.core.notices import Reason
from acd.core.requests import SelectRoute
from acd.core.route import RouteEnding
from acd.core.state import State
from acd.core.timers import RouteDue

LONGEST_HOLD_MS = 30_000


def select_route(state: State, request: SelectRoute) -> Iterator[Output]:
    """The router says who is to have the call: the first of those it names who still can; or nobody yet."""
    call, at = state.calls.get(request.call), request.at
    if call is None:
        raise Refusal(Reason.UNKNOWN_CALL)
    asked = call.state is CallState.ROUTING and call.candidates
    if not asked or call.route != request.route:
        raise Refusal(Reason.NOT_ASKED)
    named = [state.agents[name] for name in request.agents if name in state.agents]
    chosen = next((agent for agent in named if router.may_have(state, agent, call, at)), None)
    if request.agents and chosen is None:
        raise Refusal(Reason.NOT_A_CANDIDATE)
    assert call.queue is not None
    router.health_of(state, call.queue).missed = 0
    router.take_back(state, call, at)
    yield accept(request)
    if chosen is not None:
        yield router.ended(call, RouteEnding.SELECTED, at, by=request.by)
        yield from offer(state, call, chosen, at)
        return
    yield router.ended(call, RouteEnding.LATER, at, by=request.by)
    call.move(CallState.ROUTING)  # For nobody, until it is asked again.
    state.wait(call)
    state.timers.set(RouteDue(call.id), at + min(request.again_ms, LONGEST_HOLD_MS))


def route_due(state: State, deadline: RouteDue, at: int) -> Iterator[Output]:
    """The router has not answered: the queue's own strategy decides. Or it has said: ask again now."""
    call = state.calls[deadline.call]
    assert call.state is CallState.ROUTING and call.queue is not None
    missed = bool(call.candidates)
    router.take_back(state, call, at)
    if missed:
        health = router.health_of(state, call.queue)
        health.missed += 1
        if health.missed >= router.MISSES_IN_A_ROW:
            health.resting_until = at + router.REST_MS
        call.routed = True
        yield router.ended(call, RouteEnding.OVERDUE, at)
    state.wait(call)
