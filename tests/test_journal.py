"""What was written is replayed: the same inputs, the same outputs, and a clear word where they differ."""

import os
import stat
from pathlib import Path

import pytest

from acd import journal
from acd.core import events
from acd.core.configuration import AgentProfile
from acd.core.customer import Confidence, Contact, Customer, Identity
from acd.core.ids import AgentId, CustomerId, MenuId, QueueId
from acd.core.requests import BecomeReady, LogIn
from ivr.loader import load_menus
from tests.play import NODE, START, Play, call_id, centre, channel

MENUS = Path(__file__).parent.parent / "ivr" / "menus"


def _day() -> list[tuple[journal.Input, list[journal.Output]]]:
    """A short day with a menu, a known customer, an answer, and a call lost in an outage."""
    menus = {MenuId(name): menu for name, menu in load_menus(MENUS).items()}
    play = Play(centre(menus=menus), ready=())
    written: list[tuple[journal.Input, list[journal.Output]]] = []
    handle = play.engine.handle

    def recording(happening: journal.Input) -> list[journal.Output]:
        outputs = handle(happening)
        written.append((happening, outputs))
        return outputs

    play.engine.handle = recording  # type: ignore[method-assign]
    play.tell(events.Configured(at=play.now, configuration=centre(menus=menus)))
    customer = Customer(id=CustomerId("c1"), name="周周𠮷", segment="vip")
    earlier = Contact(call=call_id("c0"), at=START - 1000, agent=AgentId("ana"), outcome="solved")
    identity = Identity(
        number="+8613800000001",
        confidence=Confidence.OWN,
        customers=(customer,),
        earlier=(earlier,),
    )
    play.tell(
        events.CallArrived(
            at=play.now,
            channel=channel("c1"),
            entry=events.Entry.MENU,
            target="main",
            number="${x}\r\n",
            name='"𠮷"',
        )
    )
    play.identified("c1", identity).ready("ana")
    play.tell(events.PromptsFinished(at=play.now, call=call_id("c1"), playback=1))
    play.tell(events.KeyPressed(at=play.now, channel=channel("c1"), key="1"))
    play.picks_up("c1").bridged("c1").after(seconds=5)
    play.arrives("c2").tell(events.NodeLost(at=play.now, node=NODE)).after(seconds=2)
    seen = events.ChannelSeen(channel=channel("c2"), up=True, created_at=START, saved="support|0|1")
    play.tell(events.NodeFound(at=play.now, node=NODE, seen_at=play.now, channels=(seen,)))
    return written


def _write(folder: Path) -> Path:
    kept = journal.Journal(folder, at=START, retention_days=7)
    for happening, outputs in _day():
        kept.record(happening, outputs)
    kept.close()
    return kept.path


def test_a_day_is_replayed_to_the_same_outputs(tmp_path):
    file = _write(tmp_path)
    steps = list(journal.replay([file]))
    assert len(steps) == len(_day()) > 10
    assert all(step.same for step in steps)
    assert [step.happening for step in steps] == [happening for happening, _ in _day()]


def test_a_change_of_one_field_of_one_output_is_seen(tmp_path):
    file = _write(tmp_path)
    file.write_bytes(
        file.read_bytes().replace(b'"ring_timeout_ms":15000', b'"ring_timeout_ms":14000')
    )
    assert not all(step.same for step in journal.replay([file]))


def test_every_kind_of_input_can_be_written_and_read():
    samples: list[journal.Input] = [
        events.Configured(at=1, configuration=centre()),
        events.ShiftRestored(
            at=1,
            agents=(events.RestoredAgent(agent=AgentId("ana"), causes=(("manual", "lunch"),)),),
        ),
        events.CommandFailed(
            at=1, command="Connect", channel=channel("c"), failure=events.Failure.GONE
        ),
        events.DeviceChanged(at=1, node=NODE, device="PJSIP/a", state=events.DeviceState.ONHOLD),
        events.TimeReached(at=1),
        LogIn(at=1, request="r", by="ana", agent=AgentId("ana")),
        BecomeReady(at=1, request="r", by="ana", agent=AgentId("ana")),
    ]
    for sample in samples:
        line = journal.encode(sample, [])
        assert line.count(b"\n") == 1
        assert journal.decode(line) == (sample, "")


def test_it_is_for_its_owner_alone(tmp_path):
    file = _write(tmp_path / "journal")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_a_line_cut_short_by_our_death_is_the_end_and_no_error(tmp_path):
    file = _write(tmp_path)
    whole = len(list(journal.replay([file])))
    with file.open("r+b") as text:
        text.truncate(file.stat().st_size - 7)
    assert len(list(journal.replay([file]))) == whole - 1


def test_a_session_in_parts_is_replayed_from_any_of_them(tmp_path, monkeypatch):
    monkeypatch.setattr(journal, "PART_BYTES", 1_500)
    last = _write(tmp_path)
    assert len(journal.parts(last)) > 1
    assert len(list(journal.replay(journal.parts(last)))) == len(_day())


def test_a_session_whose_beginning_is_gone_is_refused_in_words(tmp_path, monkeypatch):
    monkeypatch.setattr(journal, "PART_BYTES", 1_500)
    last = _write(tmp_path)
    journal.parts(last)[0].unlink()
    with pytest.raises(journal.JournalError, match="the beginning of this session is not here"):
        list(journal.replay(journal.parts(last)))


@pytest.mark.parametrize(
    "line", [b"{}\n", b"hello\n", b'{"in":"Nothing","body":{},"out":""}\n', b"\xff\n"]
)
def test_what_is_no_journal_is_refused_with_the_line(tmp_path, line):
    file = tmp_path / "journal-1-001.jsonl"
    file.write_bytes(line)
    with pytest.raises(
        journal.JournalError, match=r"journal-1-001\.jsonl:1: is not a line of a journal"
    ):
        list(journal.replay([file]))


def test_old_journals_are_deleted_and_young_ones_kept(tmp_path):
    old = tmp_path / "journal-1-001.jsonl"
    young = tmp_path / "journal-2-001.jsonl"
    for file, days in ((old, 8), (young, 6)):
        file.write_text("")
        moment = START / 1000 - days * 86_400
        os.utime(file, (moment, moment))
    journal.Journal(tmp_path, at=START, retention_days=7).close()
    assert not old.exists()
    assert young.exists()


def test_a_folder_that_cannot_be_written_is_told_with_what_to_do(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(journal.JournalError, match="CORDBOARD_JOURNAL"):
        journal.Journal(tmp_path / "file" / "journal", at=START, retention_days=7)


def test_a_disk_that_fails_ends_the_journal_and_not_the_call(tmp_path, monkeypatch, caplog):
    kept = journal.Journal(tmp_path, at=START, retention_days=7)

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    for _ in range(3):
        kept.record(events.TimeReached(at=START), [])
    assert caplog.text.count("the journal ends here") == 1


def test_agents_and_queues_keep_their_types(tmp_path):
    line = journal.encode(events.Configured(at=1, configuration=centre()), [])
    happening, _ = journal.decode(line)
    assert isinstance(happening, events.Configured)
    profile = happening.configuration.agents[AgentId("ana")]
    assert isinstance(profile, AgentProfile)
    assert profile.queues == (QueueId("support"),)
