"""What is noted with a call goes where the call goes, whoever has it, and through our restart."""

from acd.core.call_data import MOST, DataChanged, DataRestored, WriteData, changed
from acd.core.events import NodeFound
from acd.core.notices import Accepted, CallTransferred, Reason, Refused
from acd.core.requests import TransferToQueue
from tests.play import NODE, SALES, Play, Said, call_id, centre, seen

C1 = call_id("c1")


def write(play: Play, call: str = "c1", **data: str | None) -> Play:
    return play.when(WriteData(at=play.now, request="r", by="crm", call=call_id(call), data=data))


def test_notes_are_added_changed_and_taken_away_in_their_order() -> None:
    assert changed({}, {"a": "1", "b": "2"}) == {"a": "1", "b": "2"}
    assert list(changed({"a": "1", "b": "2"}, {"c": "3", "a": "4"}).items()) == [
        ("a", "4"),
        ("b", "2"),
        ("c", "3"),
    ]
    assert changed({"a": "1"}, {"a": None, "b": None}) == {}


def test_whatever_the_call_does_it_can_be_noted_and_goes_with_it() -> None:
    play = Play(centre({"ana": ("support",), "sol": ("sales",)}))
    play.arrives("c1").skip()
    write(play, order="A-1").then(Accepted, Said(DataChanged, by="crm", data={"order": "A-1"}))
    play.picks_up("c1").bridged("c1").skip()
    play.when(TransferToQueue(at=play.now, request="r", by="ana", call=C1, queue=SALES))
    assert play.told(CallTransferred)
    play.skip()
    write(play, order="A-2", list=None).then(Accepted, Said(DataChanged, data={"order": "A-2"}))
    write(play, order="A-2").then(Accepted)  # Nothing is different, and nobody is told.
    assert play.engine.state.calls[C1].data == {"order": "A-2"}


def test_there_is_an_end_to_it() -> None:
    play = Play(centre(), ready=())
    play.arrives("c1").skip()
    write(play, **{f"n{n}": "x" for n in range(MOST)}).then(Accepted, DataChanged)
    write(play, more="x").then(Said(Refused, reason=Reason.TOO_MUCH_DATA))
    write(play, more="x", n0=None).then(Accepted, DataChanged)
    write(play, "nobody", n0="x").then(Said(Refused, reason=Reason.UNKNOWN_CALL))


def test_a_restart_finds_it_again_once_and_for_that_call_alone() -> None:
    play = Play(centre(), ready=())
    noted = {C1: {"order": "A-1"}, call_id("gone"): {"order": "A-2"}}
    play.when(DataRestored(at=play.now, data=noted)).then_nothing()
    play.tell(
        NodeFound(at=play.now, node=NODE, seen_at=play.now, channels=(seen("c1"), seen("c2")))
    )
    assert play.told(DataChanged) == [
        DataChanged(at=play.now, call=C1, by="", data={"order": "A-1"})
    ]
    assert play.engine.state.calls[C1].data == {"order": "A-1"}
    assert not play.engine.state.calls[call_id("c2")].data
    assert not play.engine.state.data_to_restore, "what was noted with who has gone is nobody's"
