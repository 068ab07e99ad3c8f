"""A state that contradicts itself is found, whatever does so: after a fault of ours nobody may go on with it."""

from collections.abc import Callable

import pytest

from acd.core.ids import AgentId
from acd.core.recording import Recording, RecordingState
from acd.core.state import State
from acd.core.strategies import key_of
from acd.core.whole import check
from tests.core.rules import arrives
from tests.core.test_consulting import consulting
from tests.core.test_routing import routed
from tests.play import SUPPORT, Play, call_id, centre

ANA = AgentId("ana")
C1 = call_id("c1")


def rings() -> Play:
    """Ana's phone rings for a caller."""
    return Play(centre({"ana": (SUPPORT,)})).arrives("c1")


def asked_about() -> Play:
    """A router is asked whether Ana is to have him."""
    return arrives(Play(routed({"ana": (SUPPORT,)})), "c1")


def stands_in_her_pool(state: State) -> None:
    ana = state.agents[ANA]
    ability = state.abilities.of(ana.profile, SUPPORT)
    state.pools.add(ANA, {SUPPORT: (ability, key_of(ana, state.queues[SUPPORT]))})


def is_recorded(state: State) -> None:
    state.calls[C1].recording = Recording(part=1, state=RecordingState.RUNNING)


def has_no_offer(state: State) -> None:
    state.agents[ANA].offer = None


def is_kept_for_another(state: State) -> None:
    state.agents[ANA].reserved_for = call_id("c2")


def is_kept_by_nobody(state: State) -> None:
    state.calls[C1].candidates = ()


def hears_what_he_must_not(state: State) -> None:
    state.calls[C1].held_since = None


@pytest.mark.parametrize(
    ("play", "contradiction"),
    [
        (rings, is_recorded),
        (rings, has_no_offer),
        (rings, stands_in_her_pool),
        (asked_about, stands_in_her_pool),
        (asked_about, is_kept_for_another),
        (asked_about, is_kept_by_nobody),
        (consulting, hears_what_he_must_not),
    ],
)
def test_what_cannot_be_is_found(play: Callable[[], Play], contradiction: Callable[[State], None]):
    state = play().engine.state
    check(state)
    contradiction(state)
    with pytest.raises(AssertionError):
        check(state)
