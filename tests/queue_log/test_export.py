"""What we know, as app_queue would have written it: read back it gives the same report, live as of a past day."""

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from acd.adapters.database.books import DatabaseBooks
from acd.adapters.database.connection import Database
from acd.adapters.database.ledger import Ledger
from acd.adapters.database.past_lines import lines_of
from acd.adapters.queue_log_file import QueueLogFile
from acd.cli import app
from acd.core.notices import CallQueued, Notice
from acd.reports.bookkeeping import Bookkeeper
from acd.reports.calendar import Interval
from acd.reports.formula import Terms
from acd.reports.formulas import FORMULAS
from acd.reports.questions import Only
from acd.reports.sums import Sums
from acd.simulation.office import START_MS
from tests.queue_log.files import by_app_queue
from tests.queue_log.test_import import take
from tests.reports.days import lives
from tests.simulation.swarm import peaceful

SPAN = Interval(began_at=START_MS - START_MS % 1_000, ended_at=START_MS + 20 * 3_600_000, label="")


async def report(database: Database) -> Sums:
    books = DatabaseBooks(database)
    found = await books.sums([SPAN], only=Only(), terms=Terms(), as_of=SPAN.ended_at + 10**9)
    return found[(0,)]


async def write(url: str, notices: list[Notice], file: QueueLogFile | None = None) -> Database:
    database = Database(url)
    await database.open()
    ledger = Ledger(database, region="CN", overhears=file.hear if file else None)
    await ledger.start()
    for notice in notices:
        ledger.hear(notice)
    await ledger.stop()
    return database


SAME = (
    *("calls.offered", "calls.answered", "calls.abandoned", "calls.flowed_out"),
    *("sl.offered", "sl.offered.without_short", "sl.answered", "sl.answered_or_abandoned_within"),
    *(
        "abandon.rate",
        "wait.p50",
        "wait.p90",
        "handle.talks",
        "offer.no_answer_rate",
        "repeat.rate",
    ),
)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [101, 103])
async def test_written_and_read_back_it_is_the_same_report(seed: int, tmp_path: Path) -> None:
    """The past out of the ledger, and what was written while it happened, agree with the day that was."""
    (notices,), _ = lives(peaceful(seed), seed)
    live = QueueLogFile(tmp_path / "queue_log", lambda: {"a0": "PJSIP/a0"})
    ours = await write(f"sqlite:///{tmp_path / 'ours.db'}", notices, live)
    await live.stop()
    was = await report(ours)
    assert was.answered.n > 20 and was.abandoned.n > 5 and was.offers.total() > was.answered.n
    past = await lines_of(ours, SPAN, {"a0": "PJSIP/a0"})
    for n, lines in enumerate((past, (tmp_path / "queue_log").read_text().splitlines())):
        said = by_app_queue(lines)
        assert (said.entered, said.completed) == (was.offered, was.answered.n)
        assert (said.abandoned, said.abandoned_in_time) == (
            was.abandoned.n,
            was.abandoned.within(20),
        )
        assert said.completed_in_time == was.answered.within(20)
        empty = Database(f"sqlite:///{tmp_path / f'again{n}.db'}")
        await empty.open()
        history = await take(empty, lines)
        assert not history.open_at_the_end()
        again = await report(empty)
        for name in SAME:
            compute = FORMULAS[name].compute
            assert compute(again, Terms()) == compute(was, Terms()), name
        assert abs(again.talk_ms - was.talk_ms) <= 1_000 * was.talks
        assert {result: waits.n for result, waits in again.stays.items()} == {
            result: waits.n for result, waits in was.stays.items()
        }
        paused = was.state_ms["not-ready"]
        assert again.state_ms["not-ready"] == pytest.approx(paused, rel=0.02)
        await empty.close()
    times = [int(line.split("|")[0]) for line in past]
    assert times == sorted(times)
    await ours.close()


async def test_after_a_restart_nothing_is_said_twice(tmp_path: Path) -> None:
    (notices,), _ = lives(peaceful(101), 101)
    queued = [n for n, one in enumerate(notices) if isinstance(one, CallQueued)]
    fell = queued[len(queued) // 2] + 1  # He waits now.
    agents = {"a0": "PJSIP/a0"}
    books = Bookkeeper()
    path = tmp_path / "queue_log"
    for part, again in ((notices[:fell], []), (notices[fell:], [notices[fell - 1]])):
        file = QueueLogFile(path, lambda: agents)
        file.start()
        for notice in again:
            file.hear(notice, [])
        for notice in part:
            file.hear(notice, books.hear(notice))
        await file.stop()
    whole = QueueLogFile(tmp_path / "whole", lambda: agents)
    books = Bookkeeper()
    for notice in notices:
        whole.hear(notice, books.hear(notice))
    await whole.stop()

    def events(file: Path) -> list[list[str]]:
        return [line.split("|")[:5] for line in file.read_text().splitlines()]

    assert events(path) == events(tmp_path / "whole")


async def test_it_is_rotated_by_renaming_and_waits_while_it_cannot_be_written(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (notices,), _ = lives(peaceful(101), 101)
    folder = tmp_path / "log"
    file = QueueLogFile(folder / "queue_log", lambda: {})
    books = Bookkeeper()

    def hear(some: list[Notice]) -> None:
        for notice in some:
            file.hear(notice, books.hear(notice))

    third = len(notices) // 3
    hear(notices[:third])
    await file.stop()  # There is no such folder: nothing is lost.
    assert "cannot be written" in caplog.text and "+86138" not in caplog.text
    folder.mkdir()
    hear(notices[third : 2 * third])
    await file.stop()
    (folder / "queue_log").rename(folder / "queue_log.1")
    hear(notices[2 * third :])
    await file.stop()
    parts = [(folder / name).read_text() for name in ("queue_log.1", "queue_log")]
    assert all(parts) and "is written again; 0 lines were lost" in caplog.text
    lines = "".join(parts).splitlines()
    assert by_app_queue(lines).entered == sum(isinstance(one, CallQueued) for one in notices)
    assert (folder / "queue_log").stat().st_mode & 0o007 == 0, "numbers of people are in it"


@pytest.mark.slow
def test_the_command(tmp_path: Path) -> None:
    (notices,), _ = lives(peaceful(101), 101)
    url = f"sqlite:///{tmp_path / 'c.db'}"

    async def fill() -> None:
        await (await write(url, notices)).close()

    asyncio.run(fill())
    file = tmp_path / "queue_log"
    day = ["--day", "2025-06-15", "--to", "2025-06-16", "--database", url]
    done = CliRunner().invoke(app, ["export", "queue-log", str(file), *day])
    assert done.exit_code == 0, done.output
    assert f"{len(file.read_text().splitlines())} lines" in done.output
    refused = CliRunner().invoke(app, ["export", "queue-log", "/nowhere/queue_log", *day])
    assert refused.exit_code == 1 and "cannot be written" in refused.output
