"""After a fault of ours the state is whole, nothing hangs for ever, and a replay has the same fault and goes on."""

from pathlib import Path

import pytest

from acd import journal
from acd.core import events, requests
from acd.core.customer import Identity
from acd.core.engine import DEADLINES, HANDLERS, Input
from acd.core.matching import Output
from acd.core.notices import CallConnected, OfferEnded, OutsiderLeft, Repaired
from acd.core.state import State
from acd.core.timers import RingTimeout
from acd.core.whole import check
from tests.core import test_outsiders
from tests.play import Play, call_id, centre, channel, seen

BROKEN = KeyError("+8613800000042")


def fails(*_: object) -> None:
    raise BROKEN


def survives(play: Play, happening: Input) -> list[Output]:
    """The engine is told this, fails, and goes on."""
    outputs, fault = play.engine.withstand(happening)
    assert fault is BROKEN
    assert isinstance(outputs[-1], Repaired)
    kind = type(happening).__name__
    assert outputs[-1].problem == f"{kind} failed: KeyError in fails", "and nobody's number"
    check(play.engine.state)
    return outputs


def waiting(play: Play) -> events.CallerIdentified:
    """What lets the call c1 begin to wait."""
    play.tell(
        events.CallArrived(
            at=play.now, channel=channel("c1"), entry=events.Entry.QUEUE, target="support"
        )
    )
    return events.CallerIdentified(at=play.now, call=call_id("c1"), identity=Identity())


def test_what_was_decided_before_the_fault_is_carried_out(monkeypatch):
    play = Play(centre())
    identified = waiting(play)
    with monkeypatch.context() as broken:
        broken.setattr(State, "settle", fails)
        said = [type(output).__name__ for output in survives(play, identified)]
    assert "CallOffered" in said, "the offer is made and told; only the phone was not rung any more"
    assert "RingAgent" not in said
    assert play.engine.state.offers, "and its deadline is not over at once"
    play.now += 6_000
    gone = events.NodeFound(
        at=play.now,
        node=play.engine.state.calls[call_id("c1")].node,
        seen_at=play.now,
        channels=(seen("c1"),),
    )
    play.tell(gone)
    (offer,) = play.engine.state.offers.values()
    assert offer.agent == "bob", "a look at what is there ends what never began: the next is rung"


def test_a_deadline_that_went_with_the_fault_comes_again(monkeypatch):
    play = Play(centre()).arrives("c1")
    with monkeypatch.context() as broken:
        broken.setitem(DEADLINES, RingTimeout, fails)
        play.now += 60_000
        survives(play, events.TimeReached(at=play.now))
    (stuck,) = play.engine.state.offers
    play.after(seconds=4.9)
    assert not play.told(OfferEnded), "his phone has as long as one has to fall silent"
    play.after(seconds=60)
    assert stuck not in play.engine.state.offers, (
        "nobody is stuck for ever in a call that he did not take"
    )


def test_matching_that_fails_does_not_fail_again_with_every_input(monkeypatch):
    play = Play(centre())
    identified = waiting(play)
    with monkeypatch.context() as broken:
        broken.setattr("acd.core.matching.first_agent", fails)
        survives(play, identified)
        assert play.engine.handle(events.TimeReached(at=play.now)) == []
    play.after(seconds=3)
    assert play.told(Repaired), "the audit finds whom it left behind"
    assert play.engine.state.calls[call_id("c1")].offers


def test_a_state_that_contradicts_itself_is_not_gone_on_with(monkeypatch):
    play = Play(centre()).arrives("c1")
    (offer,) = play.engine.state.offers

    def half(state: State, _: object) -> None:
        del state.calls[call_id("c1")]
        raise BROKEN

    monkeypatch.setitem(HANDLERS, events.KeyPressed, half)
    with pytest.raises(AssertionError, match=offer) as raised:
        play.engine.withstand(events.KeyPressed(at=play.now, channel=channel("c1"), key="1"))
    assert raised.value.__cause__ is BROKEN


def test_half_a_configuration_is_none(monkeypatch):
    play = Play(centre())
    monkeypatch.setitem(HANDLERS, events.Configured, fails)
    with pytest.raises(KeyError):
        play.engine.withstand(events.Configured(at=play.now, configuration=centre()))


def test_a_replay_has_the_same_fault_and_goes_on(tmp_path: Path, monkeypatch):
    play = Play(centre(), ready=())
    monkeypatch.setitem(HANDLERS, events.KeyPressed, fails)
    kept = journal.Journal(tmp_path, at=play.now, retention_days=7)

    def keep(happening: Input) -> list[Output]:
        outputs, _ = play.engine.withstand(happening)
        kept.record(happening, outputs)
        return outputs

    play.engine.handle = keep  # type: ignore[method-assign]
    play.tell(events.Configured(at=play.now, configuration=centre()))
    play.ready("ana").arrives("c1")
    play.tell(events.KeyPressed(at=play.now, channel=channel("c1"), key="1"))
    play.picks_up("c1").bridged("c1")
    kept.close()
    replayed = list(journal.replay([kept.path]))
    assert all(step.same for step in replayed)
    assert sum(isinstance(said, Repaired) for step in replayed for said in step.outputs) == 1
    assert any(isinstance(said, CallConnected) for step in replayed for said in step.outputs)
    monkeypatch.undo()
    mended = [step.where for step in journal.replay([kept.path]) if not step.same]
    assert len(mended) == 1, "where the fault is mended it differs, there and nowhere else"


def test_a_replay_says_where_it_could_not_go_on(tmp_path: Path, monkeypatch):
    play = Play(centre())
    kept = journal.Journal(tmp_path, at=play.now, retention_days=7)
    configured = events.Configured(at=play.now, configuration=centre())
    kept.record(configured, play.engine.handle(configured))
    kept.close()
    monkeypatch.setitem(HANDLERS, events.Configured, fails)
    with pytest.raises(
        journal.JournalError, match=r"-001.jsonl:1: here the engine fails with KeyError"
    ):
        list(journal.replay([kept.path]))


def test_after_a_fault_who_rings_outside_has_his_time_and_who_talks_there_all_of_it(monkeypatch):
    ringing = test_outsiders.asks(
        test_outsiders.talking(), requests.TransferToNumber, number=test_outsiders.WANG
    )
    talking = test_outsiders.handed_out()
    for play, ends in ((ringing, True), (talking, False)):
        play.engine.state.timers.forget((call_id("c1"), test_outsiders.WANG.digits))
        with monkeypatch.context() as broken:
            broken.setitem(HANDLERS, events.KeyPressed, fails)
            survives(play, events.KeyPressed(at=play.now, channel=channel("c1"), key="1"))
        play.after(seconds=600)
        assert bool(play.told(OutsiderLeft)) is ends
