"""What Asterisk says, as events: every case as it was seen on the real one."""

import json
from typing import Any

import msgspec
import pytest

from acd.adapters.asterisk.ari_events import (
    Bridge,
    Channel,
    channels_seen,
    clean,
    read_event,
    read_message,
)
from acd.core.events import (
    CallArrived,
    CallLeft,
    ChannelSeen,
    Entry,
    Event,
    KeyPressed,
    LegAnswered,
    LegBridged,
    LegEnded,
    LegLeaving,
    LegReferred,
    LegReplaced,
    PromptsFinished,
    RecordingFailed,
    RecordingFinished,
    RecordingStarted,
    WhisperFinished,
)
from acd.core.ids import CallId, ChannelId, NodeId, OfferId, Side, recording_name, side_name
from acd.core.wishes import LONGEST_WISH, Wishes

NODE = NodeId("pbx1")
CALLER, LEG = "1795298539.0", "1795298539.0~ana~1750000000000"
CALL = CallId(f"pbx1:{CALLER}")


def channel(name: str = CALLER, **more: Any) -> dict[str, Any]:
    return {
        "id": name,
        "name": "PJSIP/trunk-00000000",
        "state": "Ring",
        "protocol_id": "1-1409@127.77.1.2",
        "caller": {"name": "王小明😀 <x>", "number": "13800138000"},
        "connected": {"name": "", "number": ""},
        "accountcode": "",
        "dialplan": {
            "context": "cordboard",
            "exten": "s",
            "priority": 10,
            "app_name": "Stasis",
            "app_data": "cordboard,enter,queue,support,4001",
        },
        "creationtime": "2026-11-21T22:02:19.534+0000",
        "language": "en",
        "channelvars": {"CORDBOARD_STATE": ""},
        **more,
    }


def told(kind: str, **fields: Any) -> Event | None:
    frame = json.dumps({"type": kind, "application": "cordboard", "asterisk_id": "02", **fields})
    message = read_message(frame.encode())
    assert message is not None
    return read_event(NODE, message, 7)


def test_a_caller_arrives_with_his_own_words() -> None:
    event = told("StasisStart", args=["enter", "queue", "support", "4001"], channel=channel())
    assert event == CallArrived(
        at=7,
        channel=ChannelId(CALL),
        entry=Entry.QUEUE,
        target="support",
        number="13800138000",
        name="王小明😀 <x>",
        dialled="4001",
    )


def test_what_the_dialplan_wishes_comes_as_it_was_written_and_with_an_end() -> None:
    said = {
        "CORDBOARD_REQUIRES": " fridge  >= 60\n",
        "CORDBOARD_PRIORITY": "9" * 1_000,
        "CORDBOARD_LANGUAGE": "zh",
        "CORDBOARD_REASON": "repair",
    }
    event = told("StasisStart", args=["enter", "queue", "a", ""], channel=channel(channelvars=said))
    assert isinstance(event, CallArrived)
    wishes = Wishes(
        requires="fridge >= 60", priority="9" * LONGEST_WISH, language="zh", reason="repair"
    )
    assert event.wishes == wishes
    (seen,) = channels_seen(NODE, [msgspec.convert(channel(channelvars=said), Channel)], [])
    assert seen.wishes == wishes


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("C-1", "C-1"),
        ("", ""),
        ("%E7%8E%8B%2C%24%7BSHELL%28x%29%7D%7C", "王,${SHELL(x)}|"),
        ("%00%0A%", "\0\n%"),
        ("%ff", "\ufffd"),
        ("x" * 9_000, "x" * LONGEST_WISH),
    ],
)
def test_which_customer_the_dialplan_says_he_is_comes_as_it_was_said(said: str, meant: str) -> None:
    args = ["enter", "queue", "a", "4001", said]
    event = told("StasisStart", args=args, channel=channel())
    assert isinstance(event, CallArrived)
    assert (event.target, event.dialled, event.wishes.customer) == ("a", "4001", meant)
    there = channel(dialplan={"app_name": "Stasis", "app_data": ",".join(["cordboard", *args])})
    (seen,) = channels_seen(NODE, [msgspec.convert(there, Channel)], [])
    assert seen.wishes == event.wishes


@pytest.mark.parametrize(
    "args", [[], ["enter"], ["enter", "attic", "x", ""], ["queue", "x"], ["enter", "queue", "a"]]
)
def test_a_caller_with_arguments_that_nobody_knows_still_arrives(args: list[str]) -> None:
    event = told("StasisStart", args=args, channel=channel())
    assert isinstance(event, CallArrived)
    assert (event.entry, event.target) == (Entry.QUEUE, "")


def test_an_agent_answers_and_talks() -> None:
    leg = ChannelId(f"pbx1:{LEG}")
    assert told("StasisStart", args=["agent"], channel=channel(LEG)) == LegAnswered(
        at=7, channel=leg
    )
    bridge = {"id": f"cordboard~{LEG}", "channels": [CALLER, LEG]}
    for name in (CALLER, LEG):
        assert told("ChannelEnteredBridge", channel=channel(name), bridge=bridge) == LegBridged(
            at=7, channel=ChannelId(f"pbx1:{name}"), offer=OfferId(leg)
        )
    for name in ("somebody-else", f"cordboard~{CALLER}", LEG, "cordboard~", ""):
        other = {"id": name, "channels": [CALLER]}
        assert told("ChannelEnteredBridge", channel=channel(), bridge=other) is None


def test_a_hang_up_of_a_caller_is_known_before_he_leaves_stasis() -> None:
    caller = ChannelId(CALL)
    assert told("ChannelHangupRequest", channel=channel()) == LegEnded(at=7, channel=caller)
    assert told("ChannelHangupRequest", channel=channel(), cause=127, soft=True) == LegEnded(
        at=7, channel=caller, cause=127
    )
    assert told("StasisEnd", channel=channel()) == CallLeft(at=7, channel=caller)


def test_an_agents_leg_ends_when_its_channel_is_gone_and_not_before() -> None:
    leaving = told("ChannelHangupRequest", channel=channel(LEG), cause=32, soft=True)
    assert leaving == LegLeaving(at=7, channel=ChannelId(f"pbx1:{LEG}"))
    assert told("StasisEnd", channel=channel(LEG)) is None
    assert told(
        "ChannelDestroyed", channel=channel(LEG), cause=19, cause_txt="User alerting, no answer"
    ) == LegEnded(at=7, channel=ChannelId(f"pbx1:{LEG}"), cause=19)


def test_an_ear_is_no_caller_and_is_heard_of_when_it_is_gone() -> None:
    ear = f"{CALLER}~sue~1750000000000~ear"
    of_it = {"channel": channel(ear), "args": ["ear"]}
    assert told("StasisStart", **of_it) is None
    assert told("ChannelHangupRequest", **of_it) is None
    assert told("ChannelEnteredBridge", bridge={"id": "cordboard~x"}, **of_it) is None
    gone = LegEnded(at=7, channel=ChannelId(f"pbx1:{ear}"))
    assert told("StasisEnd", **of_it) == told("ChannelDestroyed", **of_it) == gone


def test_keys_of_callers_only() -> None:
    pressed = told("ChannelDtmfReceived", channel=channel(), digit="5", duration_ms=100)
    assert pressed == KeyPressed(at=7, channel=ChannelId(CALL), key="5")
    assert told("ChannelDtmfReceived", channel=channel(LEG), digit="5") is None


@pytest.mark.parametrize(
    ("name", "event"),
    [
        (f"{CALLER}~3", PromptsFinished(at=7, call=CALL, playback=3)),
        (f"{LEG}~1", WhisperFinished(at=7, channel=ChannelId(f"pbx1:{LEG}"))),
        (f"{CALLER}~x", None),
        (f"{CALLER}~", None),
        ("a-playback-of-somebody-else", None),
        ("", None),
    ],
)
def test_prompts_are_known_by_the_name_that_we_gave(name: str, event: Event | None) -> None:
    assert told("PlaybackFinished", playback={"id": name, "state": "failed"}) == event


def test_the_transfer_button_of_an_agents_phone() -> None:
    leg = "1795.7~ana~1750003600200"
    stand_in = channel("1795.9") | {"dialplan": {"context": "cordboard-transfer", "exten": "4002"}}
    assert told("StasisStart", channel=stand_in, replace_channel=channel(leg)) == LegReferred(
        at=7,
        channel=ChannelId(f"pbx1:{leg}"),
        stand_in=ChannelId("pbx1:1795.9"),
        to="4002",
    )
    # By a dialplan that is not ours; or in the place of somebody who is no agent.
    assert told("StasisStart", channel=channel("1795.9"), replace_channel=channel(leg)) is None
    assert told("StasisStart", channel=stand_in, replace_channel=channel("1795.7")) is None


@pytest.mark.parametrize("replaced", ["1795.7~ana~1750003600200", "1795.8"])
def test_a_phone_that_joins_two_of_its_calls(replaced: str) -> None:
    name = {"name": "Local/_attended@transfer-00000000;2"}
    stand_in = channel("1795.9") | name
    assert told("StasisStart", channel=stand_in, replace_channel=channel(replaced)) == LegReplaced(
        at=7,
        channel=ChannelId(f"pbx1:{replaced}"),
        stand_in=ChannelId("pbx1:1795.9"),
        pair="Local/_attended@transfer-00000000",
    )


def test_what_is_not_for_us() -> None:
    for kind in ("ChannelVarset", "Dial", "ChannelStateChange", "SomethingOfAsterisk30"):
        assert told(kind, channel=channel()) is None
        assert told(kind) is None
    assert told("PlaybackFinished") is None
    assert told("ChannelEnteredBridge", channel=channel()) is None
    assert (
        told("StasisStart", args=[], channel=channel(), replace_channel=channel("1795.7")) is None
    )


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"[]",
        b"{}",
        b"nonsense",
        b'{"type": 5}',
        b'{"type": "StasisStart", "channel": []}',
        b"\xff",
    ],
)
def test_what_nobody_can_read_is_passed_over(frame: bytes) -> None:
    assert read_message(frame) is None


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Ana", "Ana"),
        ("  Ana \r\n\t Li ", "Ana Li"),
        ("王\u3000小明😀", "王 小明😀"),
        ("\u202eevil\x00\x1b[2J", "evil[2J"),
        ("x" * 1000, "x" * 64),
        ("😀" * 100, "😀" * 64),
    ],
)
def test_a_callers_words_are_one_short_line(text: str, line: str) -> None:
    assert clean(text) == line


def test_what_is_there() -> None:
    def seen(**fields: Any) -> Channel:
        message = read_message(json.dumps({"type": "x", "channel": channel(**fields)}))
        assert message is not None and message.channel is not None
        return message.channel

    found = channels_seen(
        NODE,
        [
            seen(name=LEG, state="Up", creationtime="2026-11-21T22:02:20.000+0000"),
            seen(channelvars={"CORDBOARD_STATE": "support|0|1"}),
            seen(name="1.1", dialplan={"app_name": "Queue", "app_data": "support"}),
            seen(name="1.2", dialplan={"app_name": "Stasis", "app_data": "another,enter"}),
            seen(name="1.3", creationtime="a long time ago"),
        ],
        [Bridge(id=f"cordboard~{LEG}", channels=[CALLER, LEG]), Bridge(id="b")],
    )
    words: Any = {"number": "13800138000", "name": "王小明😀 <x>"}
    bridge = f"cordboard~{LEG}"
    assert found == (
        ChannelSeen(
            channel=ChannelId("pbx1:1.3"),
            up=False,
            created_at=0,
            entry=Entry.QUEUE,
            target="support",
            dialled="4001",
            **words,
        ),
        ChannelSeen(
            channel=ChannelId(CALL),
            up=False,
            created_at=1795298539534,
            bridge=bridge,
            saved="support|0|1",
            entry=Entry.QUEUE,
            target="support",
            dialled="4001",
            **words,
        ),
        ChannelSeen(
            channel=ChannelId(f"pbx1:{LEG}"),
            up=True,
            created_at=1795298540000,
            bridge=bridge,
            **words,
        ),
    )


def test_whom_an_agent_calls_picks_up_and_hangs_up_as_a_leg_of_ours_does() -> None:
    leg = "dialled~ana-1000~out"

    def said(kind: str, **fields: object) -> object:
        text = json.dumps({"type": kind, "channel": {"id": leg, **fields}, "cause": 17})
        message = read_message(text)
        assert message is not None
        return read_event(NODE, message, 1)

    channel = ChannelId(f"pbx1:{leg}")
    assert said("StasisStart", state="Down") is None
    assert said("ChannelStateChange", state="Ringing") is None
    assert said("ChannelStateChange", state="Up") == LegAnswered(at=1, channel=channel)
    assert said("StasisEnd") is None
    assert said("ChannelHangupRequest") == LegLeaving(at=1, channel=channel)
    assert said("ChannelDestroyed") == LegEnded(at=1, channel=channel, cause=17)
    leg = "17.1"
    assert said("ChannelStateChange", state="Up") is None


WHOLE, SAID, HEARD = (
    recording_name(CALL, 2),
    side_name(CALL, 2, Side.SAID),
    side_name(CALL, 2, Side.HEARD),
)


@pytest.mark.parametrize(
    ("kind", "name", "meant"),
    [
        ("RecordingStarted", WHOLE, RecordingStarted),
        ("RecordingFinished", WHOLE, RecordingFinished),
        ("RecordingFailed", WHOLE, RecordingFailed),
        # What the caller says is recorded last, and so says it for both halves.
        ("RecordingStarted", SAID, RecordingStarted),
        ("RecordingStarted", HEARD, None),
        ("RecordingFinished", SAID, RecordingFinished),
        ("RecordingFinished", HEARD, RecordingFinished),
        ("RecordingFailed", SAID, RecordingFailed),
        ("RecordingFailed", HEARD, RecordingFailed),
        ("RecordingStarted", "cordboard~x~1~sung", None),
        ("RecordingFinished", "somebody's~said", None),
    ],
)
def test_what_is_told_of_a_recording(kind: str, name: str, meant: type[Event] | None) -> None:
    message = read_message(json.dumps({"type": kind, "recording": {"name": name}}))
    assert message is not None
    event = read_event(NODE, message, 5)
    assert event == (meant(at=5, call=CALL, part=2) if meant is not None else None)  # type: ignore[call-arg]


@pytest.mark.parametrize("name", [SAID, HEARD])
@pytest.mark.parametrize("kind", ["StasisStart", "StasisEnd", "ChannelDestroyed"])
def test_what_listens_for_a_recording_is_nobody(kind: str, name: str) -> None:
    snoop = channel(name, dialplan={"app_name": "Stasis", "app_data": "cordboard,recorder"})
    message = read_message(json.dumps({"type": kind, "channel": snoop, "args": ["recorder"]}))
    assert message is not None and read_event(NODE, message, 5) is None
    assert channels_seen(NODE, [msgspec.convert(snoop, Channel)], []) == ()
