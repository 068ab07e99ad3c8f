"""What rings at an agent's phone is picked up by his screen, whatever it rings for, and only while it rings."""

from acd.core import requests
from acd.core.commands import PickUp
from acd.core.configuration import RemoteAnswer
from acd.core.events import LegAnswered
from acd.core.ids import AgentId, CallId, ChannelId
from acd.core.notices import Accepted, Reason, Refused
from tests.core.rules import with_agent
from tests.core.test_consulting import asks
from tests.play import Play, call_id, centre

PEOPLE = {"ana": ("support",), "bob": ("support",)}


def obedient():
    """Ana's phone picks up when it is told to; bob's does not."""
    return with_agent(centre(PEOPLE), "ana", remote_answer=RemoteAnswer.TALK)


def answers(play: Play, agent: str = "ana", call: CallId | None = None) -> Reason | str:
    """Why it may not be; or the leg that is told to pick up."""
    asked = requests.AnswerOffer(
        at=play.now, request="r", by=agent, call=call or call_id("c1"), agent=AgentId(agent)
    )
    play.skip().tell(asked)
    if (no := [one for one in play.said if isinstance(one, Refused)]) != []:
        return no[-1].reason
    assert any(isinstance(one, Accepted) for one in play.said)
    return next(one.offer for one in play.said if isinstance(one, PickUp))


def test_who_is_rung_for_a_caller_picks_up_once_and_nobody_for_him() -> None:
    play = Play(obedient(), ready=("ana",)).arrives("c1").skip()
    leg = play.leg("c1")
    assert answers(play) == leg == answers(play)  # Pressed twice: the phone does it once.
    assert answers(play, "bob") is Reason.NOT_RINGING
    assert answers(play, "nobody") is Reason.NOT_RINGING
    assert answers(play, call=call_id("c9")) is Reason.UNKNOWN_CALL
    play.tell(LegAnswered(at=play.now, channel=ChannelId(leg)))
    assert answers(play) is Reason.NOT_RINGING
    play.bridged("c1")
    assert play.state("ana") == "busy-acd"


def test_a_phone_that_cannot_is_left_to_its_agents_hand() -> None:
    play = Play(obedient(), ready=("bob",)).arrives("c1").skip()
    assert answers(play, "bob") is Reason.PHONE_CANNOT


def test_who_is_asked_by_a_colleague_picks_up_the_same_way() -> None:
    play = Play(obedient(), ready=("bob",)).arrives("c1").picks_up("c1").bridged("c1")
    play.ready("ana").skip()
    asks(play, requests.ConsultAgent, agent=AgentId("ana")).skip()
    rung = play.engine.state.calls[call_id("c1")].parties[AgentId("ana")]
    assert answers(play) == rung.offer


def test_a_phone_that_rings_for_another_call_is_not_meant() -> None:
    play = Play(obedient(), ready=("ana",)).arrives("c1").arrives("c2").skip()
    assert answers(play, call=call_id("c2")) is Reason.NOT_RINGING
