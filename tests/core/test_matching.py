"""Who is offered to whom: order, spares, phones that two agents share, and nobody left over."""

from dataclasses import replace

from acd.core.commands import AnswerCall, RingAgent, StartHoldMusic, StartRinging
from acd.core.configuration import AutoAnswer
from acd.core.customer import Identity
from acd.core.events import CallArrived, Configured, Entry, LegEnded, NodeFound, NodeLost
from acd.core.explain import why_not
from acd.core.ids import AgentId, ChannelId, NodeId, QueueId, channel_on
from acd.core.notices import CallOffered, Reason, Refused
from acd.core.requests import ConsultAgent, TransferToAgent
from tests.core.rules import with_agent, with_rules
from tests.play import NODE, Play, Said, call_id, centre, channel, seen

OTHER_NODE = NodeId("pbx2")


def rung(play: Play) -> list[tuple[str, str]]:
    return [(ring.call.partition(":")[2], ring.agent) for ring in play.told(RingAgent)]


def rejects(play: Play, call: str) -> None:
    play.tell(LegEnded(at=play.now, channel=ChannelId(play.leg(call)), cause=21))


def test_each_spare_ends_at_its_own_time():
    play = Play(centre())
    play.arrives("c1")
    rejects(play, "c1")
    play.after(seconds=10)
    rejects(play, "c1")
    assert rung(play) == [("c1", "ana"), ("c1", "bob")]
    play.after(seconds=20)
    assert rung(play)[2:] == [("c1", "ana")], "ana is asked again 30 s after her own no, not bob's"


def test_an_agent_who_lets_a_caller_go_again_and_again_is_spared_twice_as_long_each_time():
    play = Play(centre({"ana": ("support",)}, spare_ms=30_000, spare_at_most_ms=100_000))
    play.arrives("c1")
    spared = []
    for _ in range(5):
        rejects(play, "c1")
        since = play.now
        while not play.engine.state.calls[call_id("c1")].offers:
            play.after(seconds=1)
        spared.append(round((play.now - since) / 1000))
    assert spared == [30, 60, 100, 100, 100]
    play.arrives("c2").hangs_up("c1")
    assert play.engine.state.calls[call_id("c2")].missed == {}, "it is between him and this caller"


def test_an_agent_whose_phone_failed_is_not_spared_for_longer_the_next_time():
    play = Play(centre({"ana": ("support",)}))
    play.arrives("c1")
    for _ in range(3):
        play.tell(LegEnded(at=play.now, channel=ChannelId(play.leg("c1")), cause=3))
        play.after(seconds=30)
    assert rung(play) == [("c1", "ana")] * 4


def test_what_a_call_remembers_of_those_who_refused_it_does_not_grow_for_ever():
    play = Play(centre(spare_ms=10_000, spare_at_most_ms=10_000))
    play.arrives("c1")
    for _ in range(50):
        call = play.engine.state.calls[call_id("c1")]
        if call.offers:
            rejects(play, "c1")
        play.after(seconds=10)
    assert len(call.spares) <= 2
    rejects(play, "c1") if call.offers else None
    play.hangs_up("c1").after(seconds=60)
    assert play.engine.next_deadline() is None, "nothing of the call is left"


def test_a_spared_agent_takes_the_next_call_in_the_line():
    play = Play(centre({"ana": ("support",)}))
    play.arrives("c1")
    rejects(play, "c1")
    play.arrives("c2").after(seconds=5)
    assert rung(play) == [("c1", "ana"), ("c2", "ana")]


def test_equal_priority_is_served_in_the_order_of_joining_over_all_queues():
    play = Play(centre({"ana": ("support", "sales")}), ready=())
    for name, queue in (("c1", "sales"), ("c2", "support"), ("c3", "sales")):
        play.arrives(name, queue=queue).after(seconds=1)
    play.ready("ana")
    for name in ("c1", "c2"):
        leg = play.leg(name)
        play.hangs_up(name).hangs_up(leg)
    assert [call for call, _ in rung(play)] == ["c1", "c2", "c3"]


def test_of_several_who_become_free_at_once_the_one_idle_for_longest_comes_first():
    none = centre({"ana": (), "bob": ()})
    play = Play(none, ready=("bob", "ana"))
    play.arrives("c1").skip()
    play.tell(Configured(at=play.now, configuration=centre()))
    assert rung(play) == [("c1", "bob")]


def shared_phone(**rules):
    configuration = centre(**rules)
    agents = {
        name: replace(profile, device="PJSIP/desk")
        for name, profile in configuration.agents.items()
    }
    return replace(configuration, agents=agents)


def test_a_phone_that_two_agents_share_rings_for_one_call_at_a_time():
    play = Play(shared_phone(wrap_up_ms=0))
    play.arrives("c1").arrives("c2")
    assert rung(play) == [("c1", "ana")]
    play.picks_up("c1").bridged("c1").after(seconds=9)
    assert rung(play) == [("c1", "ana")]
    play.hangs_up(play.leg("c1"))
    assert rung(play) == [("c1", "ana"), ("c2", "bob")], "bob has been idle for longer"


def test_who_leaves_a_shared_phone_leaves_it_to_the_other():
    play = Play(shared_phone(), ready=("ana",))
    play.arrives("c1").ready("bob").arrives("c2")
    leg = play.leg("c1")
    play.hangs_up("c1")
    assert rung(play) == [("c1", "ana")]
    play.hangs_up(leg)
    assert rung(play)[1:] == [("c2", "ana")]


def two_nodes(agents=("ana",)):
    configuration = centre(dict.fromkeys(agents, ("support",)))
    ana = configuration.agents[AgentId("ana")]
    return replace(
        configuration,
        agents={**configuration.agents, AgentId("ana"): replace(ana, node=OTHER_NODE)},
    )


def test_a_call_of_a_node_that_was_lost_is_offered_to_its_agents_when_the_node_is_found():
    play = Play(two_nodes())
    play.tell(NodeLost(at=play.now, node=OTHER_NODE))
    there = replace(seen("c1", saved=f"support|0|{play.now}"), channel=channel_on(OTHER_NODE, "c1"))
    play.after(seconds=1)
    found = NodeFound(at=play.now, node=OTHER_NODE, seen_at=play.now, channels=(there,))
    play.tell(found)
    assert rung(play) == [("c1", "ana")]


def test_no_phone_is_rung_at_another_asterisk_than_that_of_the_caller():
    play = Play(two_nodes(("ana", "bob")))
    play.arrives("c1").arrives("c2")
    assert rung(play) == [("c1", "bob")], "no voice goes from one to the other"
    told = why_not(play.engine.state, AgentId("ana"), call_id("c2"), play.now)
    assert (told.rule, told.detail) == (
        "does-not-fit",
        "node: his phone is at pbx2, the caller at pbx1",
    )
    play.picks_up("c1").bridged("c1").skip()
    for kind in (TransferToAgent, ConsultAgent):
        ask = kind(at=play.now, request="q", by="bob", call=call_id("c1"), agent=AgentId("ana"))
        play.tell(ask).then(Said(Refused, reason=Reason.AGENT_NOT_FREE))


def test_calls_on_a_lost_node_are_passed_over_and_keep_their_place():
    play = Play(centre({"ana": ("support",)}), ready=())
    play.arrives("c1").after(seconds=1)
    play.tell(NodeLost(at=play.now, node=NODE)).ready("ana")
    assert rung(play) == []
    play.tell(
        NodeFound(
            at=play.now,
            node=NODE,
            seen_at=play.now,
            channels=(seen("c1", saved=f"support|0|{play.now}"),),
        )
    )
    assert rung(play) == [("c1", "ana")]
    assert play.told(CallOffered)[-1].waited_ms > 0


def test_a_caller_adopted_in_the_step_that_frees_an_agent_hears_that_a_phone_rings():
    play = Play(centre({"ana": ("support",)}))
    play.arrives("c1").skip()
    play.after(seconds=10).skip()
    # c1 and the leg that rang for it are gone; c2 has come and we have not heard of it.
    play.tell(
        NodeFound(
            at=play.now,
            node=NODE,
            seen_at=play.now,
            channels=(seen("c2", up=False, target="support"),),
        )
    )
    assert rung(play)[-1] == ("c2", "ana")
    assert any(isinstance(output, StartRinging) for output in play.said)


def test_an_agent_gets_no_call_of_a_queue_he_no_longer_serves():
    play = Play(centre({"ana": ("support", "sales")}))
    play.tell(Configured(at=play.now, configuration=centre({"ana": ("sales",)})))
    play.arrives("c1").arrives("c2", queue="sales")
    assert rung(play) == [("c2", "ana")]
    play.tell(Configured(at=play.now, configuration=centre({"ana": (QueueId("support"), "sales")})))
    play.hangs_up(play.leg("c2"), cause=16)
    assert rung(play)[-1] == ("c1", "ana")


def test_who_becomes_free_in_the_step_that_brings_a_call_does_not_get_it_out_of_turn():
    play = Play(centre(wrap_up_ms=0), ready=("ana",))
    play.arrives("c1").picks_up("c1").bridged("c1").ready("bob").after(seconds=60)
    came = seen("c2", saved=f"support|0|{play.now}")  # While ana's talk ended, and nobody told us.
    play.tell(NodeFound(at=play.now, node=NODE, seen_at=play.now, channels=(seen("c1"), came)))
    assert [ring.agent for ring in play.told(RingAgent)] == ["ana", "bob"]


def test_of_several_who_become_free_at_once_a_call_gets_the_one_whom_its_queue_prefers():
    play = Play(centre({"ana": (), "bob": ()}), ready=("bob", "ana"))
    play.arrives("c1").skip()
    linear = centre(strategy="linear", order=(AgentId("ana"), AgentId("bob")))
    play.tell(Configured(at=play.now, configuration=linear))
    assert rung(play) == [("c1", "ana")]


def test_what_is_asked_of_asterisk_says_all_that_it_needs():
    rules = {"ring_timeout_ms": 17_000, "hold_music": "waltz"}
    play = Play(with_rules(centre({"ana": ("support",)}), **rules), ready=())
    play.tell(
        CallArrived(
            at=play.now,
            channel=channel("c1"),
            entry=Entry.QUEUE,
            target="support",
            number="+8613800000001",
            name="Zhou",
        )
    )
    play.identified("c1", Identity())
    assert play.told(AnswerCall) == [AnswerCall(call=call_id("c1"))]
    assert play.told(StartHoldMusic) == [StartHoldMusic(call=call_id("c1"), music="waltz")]
    play.ready("ana")
    (told,), (ring,) = play.told(CallOffered), play.told(RingAgent)
    assert (told.number, told.name) == (ring.number, ring.name) == ("+8613800000001", "Zhou")
    assert (ring.timeout_ms, ring.auto_answer) == (17_000, AutoAnswer.NO)
    play = Play(centre({"ana": ("support",)})).arrives("c2")
    assert play.told(StartRinging) == [StartRinging(call=call_id("c2"))]


def test_of_several_kinds_the_first_is_chosen_though_the_very_first_is_spared():
    agents = {"ana": ("support",), "bob": ("support",), "cy": ("support",)}
    config = with_agent(with_agent(centre(agents), "ana", team="a"), "cy", team="a")
    play = Play(with_agent(config, "bob", team="b")).arrives("c1")
    assert rung(play.hangs_up(play.leg("c1"), cause=21)) == [("c1", "ana"), ("c1", "bob")]


def test_a_phone_that_picks_up_by_itself_is_told_to():
    config = with_agent(centre({"ana": ("support",)}), "ana", auto_answer=AutoAnswer.CALL_INFO)
    (ring,) = Play(config).arrives("c1").told(RingAgent)
    assert ring.auto_answer is AutoAnswer.CALL_INFO
