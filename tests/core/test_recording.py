"""What is said in a call is recorded as its queue says, through many hands; a recording that fails hurts no call."""

from dataclasses import replace

import pytest

from acd.core import requests
from acd.core.commands import (
    Connect,
    HoldLeg,
    JoinLeg,
    PauseRecording,
    ResumeRecording,
    SaveCall,
    StartRecording,
    StopRecording,
)
from acd.core.customer import Confidence, Identity
from acd.core.events import (
    CallArrived,
    CommandFailed,
    Entry,
    Failure,
    NodeFound,
    RecordingFailed,
    RecordingFinished,
    RecordingStarted,
)
from acd.core.ids import (
    AgentId,
    CallId,
    ChannelId,
    Direction,
    QueueId,
    Side,
    bridge_for,
    direction_of,
    read_agent_leg,
    read_ear,
    read_outside_leg,
    read_recording,
    read_side,
    recording_name,
    side_name,
)
from acd.core.notices import (
    Accepted,
    CallConnected,
    CallEnded,
    CallHeld,
    CallRetrieved,
    Misconfigured,
    Reason,
    RecordingChanged,
    RecordingKept,
)
from acd.core.recording import RecordingState, RecordWhen
from acd.core.wishes import Wishes
from ivr.steps import Choose, Enqueue, Menu
from tests.core.rules import with_rules
from tests.core.test_consulting import asks, consulting, refused
from tests.play import NODE, SALES, START, SUPPORT, Play, Said, call_id, centre, channel, seen

ALWAYS = {"record": RecordWhen.ALWAYS}
ON_REQUEST = {"record": RecordWhen.ON_REQUEST}
PEOPLE = {"ana": ("support",), "bob": ("sales",), "cy": ("sales",)}
RECORDING = (StartRecording, PauseRecording, ResumeRecording, StopRecording)


def arrives(play: Play, consent: str = "", name: str = "c1") -> Play:
    play.tell(
        CallArrived(
            at=play.now,
            channel=channel(name),
            entry=Entry.QUEUE,
            target="support",
            wishes=Wishes(consent=consent),
        )
    )
    return play.identified(name, Identity(number="+861", confidence=Confidence.UNLISTED))


def talking(consent: str = "", **rules) -> Play:
    """Ana talks to the caller, since just now."""
    play = arrives(Play(centre(PEOPLE, **(rules or ALWAYS))), consent)
    return play.picks_up("c1").bridged("c1")


def begun(play: Play, part: int = 1) -> Play:
    """Asterisk records."""
    return play.tell(RecordingStarted(at=play.now, call=call_id("c1"), part=part))


def recorded(**rules) -> Play:
    return begun(talking(**rules)).skip()


def done(play: Play) -> list[str]:
    """What was done to recordings, in order."""
    return [f"{type(o).__name__} {o.part}" for o in play.history if isinstance(o, RECORDING)]


def how(play: Play) -> tuple[int, str, bool] | None:
    found = play.engine.state.calls[call_id("c1")].recording
    return (found.part, found.state.value, found.withheld) if found is not None else None


def test_a_conversation_is_recorded_when_the_two_hear_each_other():
    play = talking()
    leg = play.leg("c1")
    said = [o for o in play.said if isinstance(o, CallConnected | StartRecording)]
    assert [type(one) for one in said] == [CallConnected, StartRecording]
    assert said[1] == StartRecording(call=call_id("c1"), offer=leg, part=1)
    begun(play.skip()).then(Said(RecordingChanged, state=RecordingState.RUNNING, part=1, by=""))
    play.hangs_up("c1")
    assert done(play) == ["StartRecording 1", "StopRecording 1"]
    play.skip().tell(RecordingFinished(at=play.now, call=call_id("c1"), part=1))
    play.then(Said(RecordingKept, call=call_id("c1"), part=1))


def test_a_queue_that_records_nothing_records_nothing_whoever_asks():
    play = talking(record=RecordWhen.NEVER)
    assert (done(play), how(play)) == ([], None)
    assert refused(play, requests.BeginRecording) is Reason.MAY_NOT_BE_RECORDED
    assert refused(play, requests.SuspendRecording) is Reason.MAY_NOT_BE_RECORDED


def test_on_request_it_is_recorded_from_when_somebody_asks_and_as_often():
    play = talking(**ON_REQUEST)
    assert (done(play), how(play)) == ([], (0, "off", False))
    assert refused(play, requests.EndRecording) is Reason.NOT_RECORDED
    asks(play, requests.BeginRecording).then(
        Accepted,
        Said(StartRecording, part=1),
        Said(RecordingChanged, state=RecordingState.STARTING, by="ana"),
    )
    assert refused(play, requests.BeginRecording) is Reason.RECORDED_ALREADY
    asks(begun(play).skip(), requests.EndRecording).then(
        Accepted,
        Said(StopRecording, part=1),
        Said(RecordingChanged, state=RecordingState.OFF, by="ana"),
    )
    asks(play, requests.BeginRecording)
    assert done(play) == ["StartRecording 1", "StopRecording 1", "StartRecording 2"]


@pytest.mark.parametrize(
    ("consent", "needed", "may"),
    [
        ("yes", True, True),
        ("", True, False),
        ("no", True, False),
        ("nope", True, False),  # Whatever that was, it was not a yes.
        ("yes", False, True),
        ("", False, True),
        ("no", False, False),  # Who has said no is recorded nowhere.
        ("nope", False, False),
    ],
)
def test_who_may_be_recorded(consent, needed, may):
    play = talking(consent, **ALWAYS, record_needs_consent=needed)
    assert bool(done(play)) is may
    if not may:
        assert refused(play, requests.BeginRecording) is Reason.MAY_NOT_BE_RECORDED
    wrong = [told.problem.split(" for ")[0] for told in play.told(Misconfigured)]
    assert wrong == (["the dialplan's CORDBOARD_CONSENT"] if consent == "nope" else [])


@pytest.mark.parametrize(("key", "may"), [("1", True), ("2", False)])
def test_he_agrees_in_a_menu(key, may):
    from acd.core.events import KeyPressed

    menu = Menu(
        id="main",
        start="ask",
        steps={
            "ask": Choose(prompts=("recorded",), keys={"1": "yes", "2": "no"}, otherwise="no"),
            "yes": Enqueue(queue="support", consent=True),
            "no": Enqueue(queue="support", consent=False),
        },
    )
    play = Play(centre(PEOPLE, menus={"main": menu}, **ALWAYS, record_needs_consent=True))
    play.tell(CallArrived(at=play.now, channel=channel("c1"), entry=Entry.MENU, target="main"))
    play.identified("c1", Identity(number="+861", confidence=Confidence.UNLISTED))
    play.tell(KeyPressed(at=play.now, channel=channel("c1"), key=key))
    play.picks_up("c1").bridged("c1")
    assert bool(done(play)) is may
    if may:
        assert play.told(RecordingChanged)[-1].consent is True


def test_nothing_is_kept_of_a_card_number():
    play = recorded()
    asks(play, requests.SuspendRecording).then(
        Accepted,
        Said(PauseRecording, part=1),
        Said(RecordingChanged, state=RecordingState.PAUSED, withheld=True, by="ana"),
    )
    assert refused(play, requests.SuspendRecording) is Reason.RECORDING_PAUSED
    asks(play, requests.ContinueRecording).then(
        Accepted,
        Said(ResumeRecording, part=1),
        Said(RecordingChanged, state=RecordingState.RUNNING, withheld=False, by="ana"),
    )
    assert refused(play, requests.ContinueRecording) is Reason.RECORDING_NOT_PAUSED


def test_who_asks_before_asterisk_has_begun_is_heeded_when_it_has():
    play = talking().skip()
    asks(play, requests.SuspendRecording).then(
        Accepted, Said(RecordingChanged, state=RecordingState.STARTING, withheld=True, by="ana")
    )
    begun(play).then(
        Said(RecordingChanged, state=RecordingState.RUNNING),
        Said(PauseRecording, part=1),
        Said(RecordingChanged, state=RecordingState.PAUSED),
    )


def test_it_pauses_while_the_caller_is_away_and_goes_on_when_he_is_back():
    play = recorded()
    asks(play, requests.HoldCall).then(
        Accepted,
        HoldLeg,
        CallHeld,
        PauseRecording,
        Said(RecordingChanged, state=RecordingState.PAUSED, withheld=False, by=""),
    )
    asks(play, requests.RetrieveCall).then(
        Accepted,
        JoinLeg,
        CallRetrieved,
        ResumeRecording,
        Said(RecordingChanged, state=RecordingState.RUNNING),
    )


def test_what_two_agents_say_to_each_other_is_not_kept_unless_the_queue_says_so():
    play = consulting(recorded())
    assert done(play) == ["StartRecording 1", "PauseRecording 1"]
    asks(play, requests.StartConference)
    assert done(play)[-1] == "ResumeRecording 1"
    assert done(consulting(recorded(**ALWAYS, record_aside=True))) == ["StartRecording 1"]


def test_paused_for_a_card_it_stays_so_over_a_hold_and_a_transfer():
    play = asks(recorded(), requests.SuspendRecording)
    asks(asks(play, requests.HoldCall), requests.RetrieveCall)
    assert done(play) == ["StartRecording 1", "PauseRecording 1"]
    asks(play, requests.TransferToQueue, queue=SALES)
    play.picks_up("c1").bridged("c1")
    begun(play, 2)
    assert done(play)[2:] == ["StopRecording 1", "StartRecording 2", "PauseRecording 2"]
    assert how(play) == (2, "paused", True)


def test_five_transfers_are_one_recording_of_six_parts():
    play = recorded(**ALWAYS, wrap_up_ms=0)
    for part in range(1, 6):
        had = play.leg("c1")
        to = "bob" if part % 2 else "cy"
        asks(play, requests.TransferToAgent, agent=AgentId(to))
        assert how(play) == (part, "between", False)
        play.hangs_up(had)
        play.picks_up("c1").bridged("c1")
        begun(play, part + 1)
    play.hangs_up("c1")
    pairs = [(f"StartRecording {n}", f"StopRecording {n}") for n in range(1, 7)]
    assert done(play) == [one for pair in pairs for one in pair]


def test_who_takes_it_over_in_its_bridge_goes_on_with_the_same_part():
    play = consulting(recorded())
    asks(play, requests.CompleteConsult)
    assert (done(play)[-1], how(play)) == ("ResumeRecording 1", (1, "running", False))


def test_what_one_asked_for_goes_on_with_the_next_and_stops_where_nothing_is_recorded():
    play = asks(talking(**ON_REQUEST), requests.BeginRecording)
    asks(begun(play), requests.TransferToQueue, queue=SALES).picks_up("c1").bridged("c1")
    assert done(play)[-1] == "StartRecording 2"

    silent = with_rules(centre(PEOPLE, **ALWAYS), SALES, record=RecordWhen.NEVER)
    play = arrives(Play(silent)).picks_up("c1").bridged("c1")
    asks(begun(play), requests.TransferToQueue, queue=SALES).picks_up("c1").bridged("c1")
    assert (done(play)[-1], how(play)) == ("StopRecording 1", None)
    assert play.told(RecordingChanged)[-1].state is None


def test_while_he_waits_nothing_is_recorded_and_who_hangs_up_then_ends_it():
    play = recorded()
    asks(play, requests.TransferToQueue, queue=QueueId("support"))
    assert how(play) == (1, "between", False)
    play.skip().hangs_up("c1").then(Said(RecordingChanged, state=RecordingState.OFF), CallEnded)


# What goes wrong.


@pytest.mark.parametrize("failure", Failure)
def test_a_recording_that_does_not_begin_is_told_and_the_call_goes_on(failure):
    play = talking().skip()
    play.tell(
        CommandFailed(
            at=play.now,
            command="StartRecording",
            channel=ChannelId(call_id("c1")),
            failure=failure,
        )
    ).then(Said(RecordingChanged, state=RecordingState.FAILED))
    assert play.state("ana") == "busy-acd"
    asks(play, requests.BeginRecording)
    assert done(play) == ["StartRecording 1", "StartRecording 2"]


def test_a_recording_that_breaks_off_is_told_and_the_next_agent_is_recorded():
    play = recorded()
    play.tell(RecordingFailed(at=play.now, call=call_id("c1"), part=1))
    play.then(Said(RecordingChanged, state=RecordingState.FAILED))
    asks(play, requests.TransferToQueue, queue=SALES).picks_up("c1").bridged("c1")
    assert done(play) == ["StartRecording 1", "StartRecording 2"]


def test_a_recording_that_ends_by_itself_while_they_talk_has_failed():
    play = recorded().tell(RecordingFinished(at=START + 90_000, call=call_id("c1"), part=1))
    play.then(RecordingKept, Said(RecordingChanged, state=RecordingState.FAILED))


@pytest.mark.parametrize("failure", [Failure.REFUSED, Failure.UNREACHABLE])
def test_a_pause_that_fails_ends_the_recording_rather_than_keep_what_was_not_to_be_kept(failure):
    play = asks(recorded(), requests.SuspendRecording).skip()
    play.tell(
        CommandFailed(
            at=play.now,
            command="PauseRecording",
            channel=ChannelId(call_id("c1")),
            failure=failure,
        )
    ).then(StopRecording, Said(RecordingChanged, state=RecordingState.FAILED))


@pytest.mark.parametrize("late", ["PauseRecording", "ResumeRecording"])
def test_what_fails_late_when_it_is_as_it_should_be_changes_nothing(late):
    play = asks(recorded(), requests.SuspendRecording)
    if late == "PauseRecording":  # It goes on already.
        asks(play, requests.ContinueRecording)
    leg = ChannelId(call_id("c1"))
    play.skip().tell(
        CommandFailed(at=play.now, command=late, channel=leg, failure=Failure.REFUSED)
    ).then_nothing()


def test_a_recording_that_ends_while_the_caller_hears_music_has_not_failed():
    play = asks(recorded(), requests.HoldCall).skip()
    play.tell(RecordingFinished(at=play.now, call=call_id("c1"), part=1))
    play.then(RecordingKept, Said(RecordingChanged, state=RecordingState.OFF))


def test_it_is_told_of_whom_where_and_that_nobody_asked():
    play = talking()
    *_, told = play.told(RecordingChanged)
    assert (told.agent, told.queue, told.part, told.by) == ("ana", SUPPORT, 1, "")
    begun(play).skip()
    asks(play, requests.TransferToQueue, queue=SALES)
    *_, told = play.told(RecordingChanged)
    assert (told.state, told.by) == (RecordingState.BETWEEN, "")


def test_where_nobody_is_recorded_there_is_no_part():
    rules = with_rules(centre(PEOPLE, **ALWAYS), queue="sales", record=RecordWhen.NEVER)
    play = arrives(Play(rules)).picks_up("c1").bridged("c1")
    begun(play)
    asks(play, requests.TransferToQueue, queue=SALES).skip().picks_up("c1").bridged("c1")
    *_, told = play.told(RecordingChanged)
    assert (told.state, told.part, told.withheld) == (None, 0, False)


def test_a_pause_does_not_outlast_the_recording():
    play = asks(recorded(), requests.SuspendRecording).skip()
    asks(play, requests.EndRecording)
    *_, told = play.told(RecordingChanged)
    assert (told.state, told.withheld) == (RecordingState.OFF, False)


def test_that_it_has_failed_is_noted_for_a_restart():
    play = recorded().skip()
    before = len(play.told_quietly("SaveCall"))
    play.tell(RecordingFailed(at=play.now, call=call_id("c1"), part=1))
    assert len(play.told_quietly("SaveCall")) == before + 1


# In stereo: two halves, which tell of themselves.


def halves(play: Play) -> list[tuple[str, bool]]:
    return [(type(o).__name__, o.stereo) for o in play.history if isinstance(o, RECORDING)]


def test_in_stereo_all_that_is_done_to_it_is_done_to_both_halves():
    play = asks(recorded(**ALWAYS, record_stereo=True), requests.SuspendRecording)
    asks(play, requests.ContinueRecording)
    asks(play, requests.EndRecording)
    assert halves(play) == [
        ("StartRecording", True),
        ("PauseRecording", True),
        ("ResumeRecording", True),
        ("StopRecording", True),
    ]
    assert all(told.stereo for told in play.told(RecordingChanged))
    assert not any(stereo for _, stereo in halves(asks(recorded(), requests.EndRecording)))


@pytest.mark.parametrize(
    ("rules", "so"),
    [
        (ALWAYS | {"record_stereo": True}, True),
        (ON_REQUEST | {"record_stereo": True}, True),  # Somebody may ask for it.
        ({"record": RecordWhen.NEVER, "record_stereo": True}, False),
        (ALWAYS, False),
    ],
)
def test_the_bridge_is_made_for_stereo_before_anybody_asks_for_it(rules, so):
    play = talking(**rules)
    assert [one.stereo for one in play.history if isinstance(one, Connect)] == [so]
    asks(asks(play, requests.HoldCall), requests.RetrieveCall)
    assert {one.stereo for one in play.history if isinstance(one, JoinLeg)} == {so}


def test_the_next_queue_says_whether_the_next_part_is_in_stereo():
    rules = with_rules(
        centre(PEOPLE, **ALWAYS, record_stereo=True), queue="sales", record_stereo=False
    )
    play = arrives(Play(rules)).picks_up("c1").bridged("c1")
    begun(play)
    asks(play, requests.TransferToQueue, queue=SALES).picks_up("c1").bridged("c1")
    assert halves(play) == [
        ("StartRecording", True),
        ("StopRecording", True),
        ("StartRecording", False),
    ]
    assert [one.stereo for one in play.history if isinstance(one, Connect)] == [True, False]


@pytest.mark.parametrize("news", [RecordingFinished, RecordingFailed])
def test_one_half_that_ends_by_itself_takes_the_other_along(news):
    play = recorded(**ALWAYS, record_stereo=True)
    play.tell(news(at=play.now, call=call_id("c1"), part=1))
    assert (done(play)[1:], how(play)) == (["StopRecording 1"], (1, "failed", False))
    assert halves(play)[-1] == ("StopRecording", True)
    play.skip().tell(RecordingFinished(at=play.now, call=call_id("c1"), part=1))
    play.then(Said(RecordingKept, part=1))  # The other one, and nothing else of it is told.
    assert play.state("ana") == "busy-acd"


def test_of_one_that_does_not_begin_no_half_is_left():
    play = talking(**ALWAYS, record_stereo=True).skip()
    play.tell(
        CommandFailed(
            at=play.now,
            command="StartRecording",
            channel=ChannelId(call_id("c1")),
            failure=Failure.GONE,
        )
    ).then(StopRecording, Said(RecordingChanged, state=RecordingState.FAILED))


def test_in_stereo_it_outlives_us():
    play = asks(recorded(**ALWAYS, record_stereo=True), requests.SuspendRecording)
    again = restarted(play)
    assert halves(again) == [("PauseRecording", True)]
    asks(again, requests.ContinueRecording)
    assert halves(again)[-1] == ("ResumeRecording", True)


def test_news_of_a_part_that_is_over_changes_nothing():
    play = recorded()
    asks(play, requests.TransferToQueue, queue=SALES).picks_up("c1").bridged("c1").skip()
    begun(play, 1).then_nothing()
    play.tell(RecordingFailed(at=play.now, call=call_id("c1"), part=1)).then_nothing()
    play.tell(RecordingFailed(at=play.now, call=call_id("nobody"), part=1)).then_nothing()
    begun(play, 2).then(Said(RecordingChanged, state=RecordingState.RUNNING, part=2))


# We die.


def restarted(play: Play, *, held: bool = False) -> Play:
    """Another process finds the conversation as this one left it."""
    leg = play.leg("c1")
    saved = play.told(SaveCall)[-1].saved
    bridge = bridge_for(leg)
    again = Play(centre(PEOPLE, **ALWAYS), ready=())
    found = (
        seen("c1", saved=saved, bridge=None if held else bridge),
        seen(leg, bridge=bridge, created_at=play.now),
    )
    again.now = play.now
    again.tell(NodeFound(at=again.now, node=NODE, seen_at=again.now, channels=found))
    return again.identified("c1", Identity(number="+861", confidence=Confidence.UNLISTED))


def test_a_recording_outlives_us():
    again = restarted(recorded())
    assert (done(again), how(again)) == (["ResumeRecording 1"], (1, "running", False))
    again = restarted(asks(recorded(), requests.SuspendRecording))
    assert (done(again), how(again)) == (["PauseRecording 1"], (1, "paused", True))
    again = restarted(asks(recorded(), requests.HoldCall), held=True)
    assert done(again)[-1] == "PauseRecording 1"
    # The note is of a hold, and that was over when we died.
    play = recorded()
    for kind in (requests.HoldCall, requests.SuspendRecording, requests.ContinueRecording):
        play = asks(play, kind)
    again = restarted(asks(play, requests.RetrieveCall))
    assert (done(again), how(again)) == (["ResumeRecording 1"], (1, "running", False))


def test_one_that_ended_while_we_were_away_is_followed_by_another_part():
    again = restarted(recorded()).skip()
    again.tell(
        CommandFailed(
            at=again.now,
            command="ResumeRecording",
            channel=ChannelId(call_id("c1")),
            failure=Failure.GONE,
        )
    ).then(
        Said(RecordingChanged, state=RecordingState.FAILED),
        Said(StartRecording, part=2),
        Said(RecordingChanged, state=RecordingState.STARTING),
    )


def test_who_waits_for_the_next_agent_when_we_die_is_recorded_there():
    play = recorded()
    asks(play, requests.TransferToQueue, queue=SALES)
    saved = play.told(SaveCall)[-1].saved
    again = Play(centre(PEOPLE, **ALWAYS))
    found = (seen("c1", saved=saved),)
    again.tell(NodeFound(at=again.now, node=NODE, seen_at=again.now, channels=found))
    again.identified("c1", Identity(number="+861", confidence=Confidence.UNLISTED))
    again.picks_up("c1").bridged("c1")
    assert done(again) == ["StartRecording 2"]


@pytest.mark.parametrize(
    "call",
    ["pbx1:175000.9", "pbx1:../../etc/passwd", "pbx1:a~b.1", "pbx1:名", "pbx1:dialled~ana-1750"],
)
def test_a_name_is_a_name_of_a_file_and_leads_back(call):
    name = recording_name(CallId(call), 3)
    assert read_recording(name) == (call, 3) and "/" not in name and not name.startswith(".")
    for side in Side:
        half = side_name(CallId(call), 3, side)
        assert read_side(half) == (call, 3, side) and "/" not in half
        assert read_side(name) is None and read_recording(half) is None
        # It is a channel, too, and is taken for nobody's leg.
        channel = ChannelId(f"pbx1:{half}")
        assert read_agent_leg(channel) is read_ear(channel) is read_outside_leg(channel) is None
        assert direction_of(channel) is Direction.IN


@pytest.mark.parametrize(
    "name",
    [
        "",
        "x",
        "cordboard~",
        "cordboard~pbx1%3A1.2",
        "cordboard~a:b~1",
        "cordboard~a~-1",
        "cordboard~a~01",
    ],
)
def test_other_peoples_recordings_are_not_ours(name):
    assert read_recording(name) is None and read_side(f"{name}~said") is None


@pytest.mark.parametrize(
    ("consent", "needed", "may"),
    [("yes", True, True), ("", True, False), ("no", False, False), ("", False, True)],
)
def test_what_he_has_agreed_to_holds_over_our_end(consent, needed, may):
    rules = {**ALWAYS, "record_needs_consent": needed}
    before = arrives(Play(centre(PEOPLE, **rules), ready=()), consent)
    found = seen("c1", saved=before.told(SaveCall)[-1].saved)
    play = Play(centre(PEOPLE, **rules))
    play.tell(NodeFound(at=play.now, node=NODE, seen_at=play.now, channels=(found,)))
    play.identified("c1", Identity(number="+861", confidence=Confidence.UNLISTED))
    assert bool(done(play.picks_up("c1").bridged("c1"))) is may


def test_what_the_dialplan_says_of_him_holds_where_nothing_is_noted():
    play = Play(centre(PEOPLE, **ALWAYS, record_needs_consent=True))
    found = replace(seen("c1", saved=f"support|0|{START}"), wishes=Wishes(consent="yes"))
    play.tell(NodeFound(at=play.now, node=NODE, seen_at=play.now, channels=(found,)))
    play.identified("c1", Identity(number="+861", confidence=Confidence.UNLISTED))
    assert done(play.picks_up("c1").bridged("c1")) == ["StartRecording 1"]


def test_a_menu_that_does_not_ask_leaves_what_the_dialplan_said():
    menu = Menu(id="main", start="on", steps={"on": Enqueue(queue="support")})
    play = Play(centre(PEOPLE, menus={"main": menu}, **ALWAYS, record_needs_consent=True))
    play.tell(
        CallArrived(
            at=play.now,
            channel=channel("c1"),
            entry=Entry.MENU,
            target="main",
            wishes=Wishes(consent="yes"),
        )
    )
    play.identified("c1", Identity(number="+861", confidence=Confidence.UNLISTED))
    assert done(play.picks_up("c1").bridged("c1")) == ["StartRecording 1"]
