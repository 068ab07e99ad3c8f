"""app_queue's log becomes history: by its own figures, once, whatever is in the file, on both databases."""

import gzip
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from acd.adapters.database.books import DatabaseBooks
from acd.adapters.database.connection import Database
from acd.adapters.database.customer_book import CustomerBook
from acd.adapters.database.customer_desk import CustomerDesk
from acd.adapters.database.directory import Directory
from acd.adapters.database.history_book import HistoryBook
from acd.adapters.database.ledger import Ledger
from acd.adapters.database.privacy import Privacy
from acd.adapters.database.tables import calls, facts
from acd.adapters.sound import Folder
from acd.cli import app
from acd.core.ids import NodeId
from acd.queue_log.history import History, Who
from acd.queue_log.line import OF_AGENTS, OF_ASTERISK, OF_CALLS, BadLineError, read_line
from acd.queue_log.members import Names
from acd.reports.calendar import Interval, Step, intervals
from acd.reports.facts import Fact, Kind
from acd.reports.formula import Terms
from acd.reports.formulas import FORMULAS
from acd.reports.questions import Key, Only
from acd.reports.sums import Sums
from tests.queue_log.files import MONDAY_S, a_day, by_app_queue

SHANGHAI = ZoneInfo("Asia/Shanghai")
PLAIN = Names()
NOBODY = Who(number=None, person=None, customer=None, confidence="anonymous")


async def take(database: Database, lines: Sequence[str], names: Names = PLAIN) -> History:
    """As the command does it."""
    book = HistoryBook(database, region="CN")
    read = [line for line in map(read_line, lines) if line is not None]
    entered = [line for line in read if line.event == "ENTERQUEUE"]
    who = await book.whose({line.text(1) for line in entered})
    known = await book.known({line.call for line in entered}, NodeId("pbx1"))
    history = History(names, who.__getitem__, known.__contains__)
    told = [one for line in read for one in history.hear(line)]
    await book.keep([*told, *history.gone()])
    return history


async def report(database: Database, *, key: Key | None = None) -> dict[object, Sums]:
    day = date(2026, 11, 23)
    (line,) = intervals(day, day, SHANGHAI, Step.DAY)
    found = await DatabaseBooks(database).sums(
        [line],
        by=[key] if key else [],
        only=Only(),
        terms=Terms(),
        as_of=line.ended_at + 10 * 86_400_000,
    )
    return {group[-1] if key else None: sums for group, sums in found.items()}


async def report_of(database: Database) -> Sums:
    """Of all days together."""
    whole = Interval(began_at=0, ended_at=1 << 42, label="")
    books = DatabaseBooks(database)
    found = await books.sums([whole], only=Only(), terms=Terms(), as_of=1 << 42)
    return found[(0,)]


async def test_the_report_says_what_app_queue_says(database: Database) -> None:
    lines = a_day(seed=1, calls=250)
    said = by_app_queue(lines)
    await take(database, lines)
    sums = (await report(database))[None]
    figures = {name: formula.compute(sums, Terms()) for name, formula in FORMULAS.items()}
    assert sums.offered == said.entered == 250
    assert figures["calls.answered"] == said.completed
    assert figures["calls.abandoned"] == said.abandoned
    assert sums.left("max-wait").n == said.timed_out
    assert sums.left("exit-key").n == said.by_key and sums.left("unstaffed").n == said.empty
    assert figures["sl.answered"] == said.service_level
    assert figures["sl.answered_or_abandoned_within"] == said.service_level_2
    assert figures["wait.asa"] == 1000 * said.held_s / said.completed
    assert sums.talk_ms == 1000 * said.talked_s and sums.talks == said.completed
    assert sums.offers["no-answer"] == said.not_answered
    assert sums.calls == sums.identified == 250 and sums.repeats > 30, "by the callers' numbers"
    by_agent = await report(database, key=Key.AGENT)
    assert {"PJSIP/ana", "PJSIP/bob", "PJSIP/chen"} <= by_agent.keys()
    bob = by_agent["PJSIP/bob"].state_ms
    assert bob["not-ready"] == 1_800_000 and bob["ready"] and bob["busy-acd"]


async def test_of_an_agent_who_never_logs_in_nobody_says_how_busy_he_was(
    database: Database,
) -> None:
    """A member of queues.conf is in the log by his calls alone, and 100 % would be nobody's day."""
    lines = [
        line
        for n, agent in enumerate(("PJSIP/ana", "PJSIP/bob", "PJSIP/ana", "PJSIP/bob"))
        for at in (MONDAY_S + 600 * n,)
        for line in (
            f"{at}|{n}.1|support|NONE|ENTERQUEUE||13800000001|1",
            f"{at + 5}|{n}.1|support|{agent}|CONNECT|5|{n}.2|3",
            f"{at + 65}|{n}.1|support|{agent}|COMPLETECALLER|5|60|1",
        )
    ]
    # Bob is one who does, in the middle of his first talk, and ends his day in his second.
    lines.insert(5, f"{MONDAY_S + 635}|NONE|support|PJSIP/bob|ADDMEMBER|")
    lines.insert(-1, f"{MONDAY_S + 1_835}|NONE|support|PJSIP/bob|REMOVEMEMBER|")
    await take(database, lines)
    by_agent = await report(database, key=Key.AGENT)
    ana, bob = by_agent["PJSIP/ana"], by_agent["PJSIP/bob"]
    assert (ana.talks, ana.talk_ms) == (2, 120_000) and not ana.state_ms
    assert FORMULAS["agent.occupancy"].compute(ana, Terms()) is None
    assert bob.state_ms["busy-acd"] == 30_000 + 60_000, "as far as he was seen on shift"
    assert bob.state_ms["ready"] == 1_140_000


async def test_the_same_again_and_more_of_it_is_written_once(database: Database) -> None:
    lines = a_day(seed=2, calls=100)
    await take(database, lines[:150])
    await take(database, lines[:150])
    await take(database, lines)
    whole = (await report(database))[None]
    assert whole.offered == by_app_queue(lines).entered

    def rows(connection: sa.Connection) -> list[tuple[object, ...]]:
        asked = sa.select(facts).order_by(facts.c.kind, facts.c.began_at, facts.c.subject)
        return [tuple(row) for row in connection.execute(asked)]

    before = await database.read(rows)
    await take(database, lines)
    assert await database.read(rows) == before


async def test_customers_are_known_by_their_numbers_and_repeat(
    database: Database, ledger: Ledger, directory: Directory, tmp_path: Path
) -> None:
    desk = CustomerDesk(CustomerBook(database), directory, region="CN")
    numbers = [
        {"number": "13800000001", "kind": "mobile"},
        {"number": "13800000002", "kind": "home"},
    ]
    both = [{"number": "02065551234", "kind": "work"}]
    rows = [{"id": "C-1", "name": "Wang", "numbers": numbers + both}]
    rows += [{"id": "C-2", "name": "Li", "numbers": both}]
    await desk.put(rows, at=0)
    lines = []
    for n, number in enumerate(["13800000001", "+86 138 0000 0002", "02065551234", "", "95588"]):
        at = MONDAY_S + 60 * n
        lines.append(f"{at}|{n}.1|support|NONE|ENTERQUEUE||{number}|1")
        lines.append(f"{at + 5}|{n}.1|support|NONE|ABANDON|1|1|5")
    await take(database, lines)
    sums = (await report(database))[None]
    assert (sums.calls, sums.identified, sums.repeats) == (5, 2, 1)
    assert sums.untold == {"shared": 1, "anonymous": 1, "short": 1}
    # And who calls today is told that he has called before.
    at = 1000 * (MONDAY_S + 3_600)
    known = await directory.identify("13800000002", at=at, window_ms=86_400_000)
    assert [one.at for one in known.earlier] == [1000 * (MONDAY_S + 60), 1000 * MONDAY_S]
    privacy = Privacy(database, region="CN", sounds=Folder(tmp_path))
    await privacy.erase(await privacy.whose(customer="C-1", number=None))
    await take(database, lines)
    asked = sa.select(calls.c.number).where(calls.c.id == "queue-log:0.1")
    assert await database.read(lambda c: c.execute(asked).scalar()) is None, "he was erased"
    assert (await report(database))[None].identified == 2


async def test_what_the_ledger_has_itself_is_not_there_twice(database: Database) -> None:
    lines = a_day(seed=3, calls=20)
    ours = f"{MONDAY_S}.7"
    await database.write(
        lambda c: c.execute(calls.insert().values(id=f"pbx1:{ours}", started_at=1)) and None
    )
    history = await take(database, lines)
    assert history.seen["in the ledger already"] == 1
    assert (await report(database))[None].offered == 19


def told(*lines: str) -> list[Fact]:
    history = History(Names(queues={"q": "hotline"}), lambda _: NOBODY, lambda _: False)
    found = [
        one for text in lines if (line := read_line(text)) is not None for one in history.hear(line)
    ]
    return [one for one in found if isinstance(one, Fact)]


def test_through_two_queues_and_a_transfer_it_is_one_call() -> None:
    found = told(
        "99|1.1|NONE|NONE|DID|4008|x",
        "100|1.1|q|NONE|ENTERQUEUE||1001|1",
        "130|1.1|q|NONE|EXITWITHTIMEOUT|1|1|30",
        "131|1.1|other|NONE|ENTERQUEUE||1001|1",
        "141|1.1|other|Ana|CONNECT|10|1.2|4",
        "161|1.1|other|Ana|BLINDTRANSFER|q|internal|10|20|1",
        "162|1.1|q|NONE|ENTERQUEUE||1001|1",
        "170|1.1|q|Bob|CONNECT|8|1.3|2",
        "180|1.1|q|Bob|COMPLETECALLER|8|10|1",
        "181|NONE|NONE|NONE|CONFIGRELOAD|",
    )
    stays = [(f.queue, f.result, f.ended_at - f.began_at) for f in found if f.kind is Kind.STAY]
    assert stays == [
        ("hotline", "max-wait", 30_000),
        ("other", "answered", 10_000),
        ("hotline", "answered", 8_000),
    ]
    talks = [(f.agent, f.result, f.detail) for f in found if f.kind is Kind.TALK]
    assert talks == [("Ana", "transferred", "q"), ("Bob", "ended", None)]
    (call,) = [f for f in found if f.kind is Kind.CALL]
    assert (call.agent, call.result, call.began_at, call.ended_at) == (
        *("Ana", "completed"),
        *(100_000, 180_000),
    )
    assert call.dialled == "4008" and {f.conversation for f in found if f.conversation} == {
        "queue-log:1.1"
    }
    offers = [(f.agent, f.result, f.ended_at - f.began_at) for f in found if f.kind is Kind.OFFER]
    assert offers == [("Ana", "answered", 4_000), ("Bob", "answered", 2_000)]


def test_when_asterisk_is_restarted_what_went_on_is_lost() -> None:
    found = told(
        "100|1.1|q|NONE|ENTERQUEUE||1001|1",
        "101|1.2|q|NONE|ENTERQUEUE||1001|1",
        "105|1.2|q|Ana|CONNECT|4|1.3|1",
        "900|NONE|NONE|NONE|QUEUESTART|",
        "901|1.1|q|NONE|ABANDON|1|1|801",
    )
    assert [f.result for f in found if f.kind is Kind.CALL] == ["lost", "lost"]
    assert sorted(f.result or "" for f in found if f.kind is Kind.STAY) == ["answered", "lost"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1|2|3", "3 fields"),
        ("soon|1.1|q|NONE|ENTERQUEUE||1|1", "no time"),
        ("1" * 13 + "|1.1|q|NONE|ENTERQUEUE||1|1", "no time"),
        ("²|1.1|q|NONE|ENTERQUEUE||1|1", "no time"),
        ("1|1.1|q|NONE|DANCE", "does not have"),
        ("1|1.1|q|NONE|ABANDON|1", "1 data fields"),
        ("1|NONE|q|NONE|ENTERQUEUE||1|1", "of no call"),
        ("1|NONE|q|NONE|ADDMEMBER|", "of no agent"),
    ],
)
def test_a_bad_line_says_why_and_nothing_of_what_is_in_it(text: str, says: str) -> None:
    with pytest.raises(BadLineError, match=says):
        read_line(text)
    assert read_line("1|NONE|NONE|NONE|SYSCOMPAT|x") is None


_FIELD = st.one_of(
    st.sampled_from(["NONE", "q", "Ana", "1.1", "1.2", "", "0", "7"]), st.text(max_size=5)
)
_EVENT = st.sampled_from(sorted({*OF_CALLS, *OF_AGENTS, *OF_ASTERISK}))


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 2_000_000), _EVENT, st.lists(_FIELD, max_size=6))))
def test_whatever_order_lines_come_in_facts_are_facts(
    said: list[tuple[int, str, list[str]]],
) -> None:
    history = History(Names(), lambda _: NOBODY, lambda _: False)
    found: list[Fact] = []
    for at, event, data in said:
        call, agent = ("1.1", "Ana") if at % 3 else ("1.2", "Bob")
        try:
            line = read_line(f"{at}|{call}|q|{agent}|{event}|{'|'.join(data)}")
            if line is not None:
                found += [one for one in history.hear(line) if isinstance(one, Fact)]
        except BadLineError:
            continue
        found += [one for one in history.gone() if isinstance(one, Fact)]
    for fact in found:
        assert 0 <= fact.began_at <= fact.ended_at
    stays = [fact for fact in found if fact.kind is Kind.STAY]
    talks = [fact for fact in found if fact.kind is Kind.TALK]
    assert len(talks) <= sum(fact.result == "answered" for fact in stays)


def run(*arguments: str, env: dict[str, str]) -> Result:
    return CliRunner().invoke(app, ["import", "queue-log", *arguments], env=env)


@pytest.mark.slow
def test_the_command(tmp_path: Path) -> None:
    env = {"CORDBOARD_DATABASE": f"sqlite:///{tmp_path / 'c.db'}"}
    lines = a_day(seed=4, calls=60)
    old, new = tmp_path / "queue_log.1.gz", tmp_path / "queue_log"
    old.write_bytes(gzip.compress("\n".join(lines[:70]).encode() + b"\n"))
    evil = b"100|\xff\xfe|q|NONE|ENTERQUEUE||\xff\x00|1\n"
    new.write_bytes(
        ("\n".join(lines[70:]) + "\nnonsense\n7|1.1|q|x|ABANDON|1|1|secret\n").encode() + evil
    )
    centre = tmp_path / "centre.yaml"
    centre.write_text(
        "queues: {hotline: {name: Hotline}}\nagents: {ana: {name: Ana, phone: PJSIP/ana, team: red}}\n"
    )
    arguments = [str(old), str(new), "--queue-map", "support=hotline", "--centre", str(centre)]
    check = run(*arguments, "--check", env=env)
    assert "this was a check" in check.output
    first = run(*arguments, env=env)
    assert first.exit_code == 1, first.output
    assert f"{len(lines) + 3} lines, 61 calls" in first.output
    assert f"queue_log line {len(lines) - 70 + 1}: 1 fields" in first.output
    assert "secret" not in first.output
    aside = (tmp_path / "queue_log.kept-aside").read_text()
    assert "nonsense" in aside and aside.startswith(f"# line {len(lines) - 69}: 1 fields")
    assert not (tmp_path / "queue_log.1.gz.kept-aside").exists()
    again = run(*arguments, env=env)
    assert "facts: 0 new" in again.output
    day = ["--day", "2026-11-23", "--database", env["CORDBOARD_DATABASE"], "--format", "json"]
    told_ = CliRunner().invoke(app, ["report", "service", "--by", "queue", *day])
    assert '"hotline"' in told_.output, told_.output
    by_team = CliRunner().invoke(app, ["report", "service", "--by", "team", *day])
    assert '"red"' in by_team.output
    for wrong, says in (
        (["/nowhere/queue_log"], "cannot be read"),
        ([str(new), "--queue-map", "support"], "THEIRS=OURS"),
        ([str(new), "--centre", "/nowhere.yaml"], "cannot be read"),
    ):
        refused = run(*wrong, env=env)
        assert refused.exit_code == 1 and says in refused.output, refused.output
