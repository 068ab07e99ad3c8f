"""How long a day's report takes with a long history behind it, and by which plan; in a database of its own.

python -m bench.ledger [--facts 2000000] [--days 365] [--postgresql] [--explain] [--keep FILE]

The history is of a centre that is busy from eight to eight: calls with their stays, offers, talks and
forecasts, and what its agents did.
"""

import argparse
import asyncio
import math
import random
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from acd.adapters.database.books import DatabaseBooks
from acd.adapters.database.connection import Database
from acd.adapters.database.ledger_sums import SumsQuestion
from acd.adapters.database.tables import facts
from acd.reports import pages
from acd.reports.calendar import Step, intervals, midnight
from acd.reports.facts import Fact, Kind, quarters
from acd.reports.formula import Terms
from acd.reports.names import Names
from acd.reports.pay import PayRule
from acd.reports.questions import Key, Only, Question
from acd.reports.render import as_html

ZONE = ZoneInfo("Asia/Shanghai")
LAST = date(2026, 11, 21)
QUEUES = ("hotline", "repair", "install", "complaints")
DIALLED = ("4008001000", "4008002000", "02558001234")
PER_CALL = 5.2  # Facts, beside those of agents' states.
HOUR_MS = 3_600_000
COLUMNS = tuple(column.name for column in facts.columns)
DRAWN_DAYS = 14
DAY_MS = 24 * HOUR_MS
_KINDS = ", ".join(f"'{kind}'" for kind in Kind)
_LIKE_IT = f"""
    INSERT INTO facts ({", ".join(COLUMNS)})
    SELECT kind, began_at - :ms, CASE WHEN conversation IS NULL THEN subject ELSE subject || :n END,
        ended_at - :ms, conversation || :n, queue, agent, team, dialled, person, result, detail, body
    FROM facts WHERE kind IN ({_KINDS}) AND began_at >= :since ORDER BY kind, began_at
"""
_SPOKEN_OF = (
    """
    INSERT INTO customers (id, name, region, created_at)
    SELECT person, '王芳', '江苏' || length(person), 0 FROM facts
    WHERE kind = 'call' AND person IS NOT NULL GROUP BY person
    """,
    """
    INSERT INTO calls (id, started_at, ended_at, number, customer_id, confidence, queue, agent, reason, outcome)
    SELECT conversation, began_at, ended_at, '+86138' || (10000000 + began_at % 80000000), person, 'own', queue, agent,
        CASE WHEN began_at % 3 > 0 THEN 'reason' || (began_at % 7) END, 'outcome' || (began_at % 11)
    FROM facts WHERE kind = 'call'
    """,
)


def day_of(day: date, calls: int, agents: int, draw: random.Random) -> Iterator[Fact]:
    """One day's facts, in about the order in which a ledger would write them."""
    opens = midnight(day, ZONE) + 8 * HOUR_MS
    for n in range(calls):
        # Two peaks, at half past ten and at three.
        peak = draw.choice((2.5, 7.0))
        at = opens + round(min(11.9, max(0.0, draw.gauss(peak, 1.8))) * HOUR_MS)
        yield from one_call(f"pbx1:{day.toordinal()}.{n}", at, agents, draw)
    for agent in range(agents):
        yield from shift(f"a{agent:03}", opens + draw.randrange(-900_000, 900_000), draw)


def one_call(call: str, at: int, agents: int, draw: random.Random) -> Iterator[Fact]:
    """Its parts, offers and forecast."""
    queue = draw.choices(QUEUES, (6, 3, 2, 1))[0]
    person = f"C-{draw.randrange(40_000)}" if draw.random() < 0.8 else None
    agent = f"a{draw.randrange(agents):03}"
    busy = math.sin(at / HOUR_MS) ** 2
    wait = round(draw.expovariate(1 / (4_000 + 45_000 * busy)))
    gave_up = (wait > 20_000 and draw.random() < 0.35) or draw.random() < 0.03
    common: dict[str, Any] = {
        "conversation": call,
        "queue": queue,
        "dialled": draw.choice(DIALLED),
        "person": person,
    }
    answered = None if gave_up else agent
    team = None if gave_up else f"team{agent[-1]}"
    end = at + wait
    result = "abandoned" if gave_up else "answered"
    body = {"priority": 0, "bonus_ms": 0, "requires": [], "last_agent": None}
    subject = f"{call}@{queue}"
    yield Fact(
        kind=Kind.STAY,
        began_at=at,
        ended_at=end,
        subject=subject,
        agent=answered,
        team=team,
        result=result,
        body=body,
        **common,
    )
    yield Fact(
        kind=Kind.FORECAST,
        began_at=at,
        ended_at=end,
        subject=subject,
        result="unknown" if gave_up else draw.choice(("within-median", "within-upper", "late")),
        body={"median_ms": 8_000, "upper_ms": 20_000, "good": True},
        **common,
    )
    talk = 0
    if not gave_up:
        talk = round(draw.lognormvariate(5.0, 0.6) * 1000)
        if draw.random() < 0.12:
            missed = max(at, end - 15_000)
            offer = f"{call}~{agent}x~{missed}"
            yield Fact(
                kind=Kind.OFFER,
                began_at=missed,
                ended_at=end - 3_000 if end - 3_000 > missed else end,
                subject=offer,
                agent=f"a{draw.randrange(agents):03}",
                team=team,
                result="no-answer",
                **common,
            )
        rung = max(at, end - 3_000)
        offer = f"{call}~{agent}~{rung}"
        yield Fact(
            kind=Kind.OFFER,
            began_at=rung,
            ended_at=end,
            subject=offer,
            agent=agent,
            team=team,
            result="answered",
            **common,
        )
        yield Fact(
            kind=Kind.TALK,
            began_at=end,
            ended_at=end + talk,
            subject=offer,
            agent=agent,
            team=team,
            result="transferred" if draw.random() < 0.04 else "ended",
            **common,
        )
    yield Fact(
        kind=Kind.CALL,
        began_at=at,
        ended_at=end + talk,
        subject=call,
        agent=answered,
        team=team,
        result="abandoned" if gave_up else "completed",
        body={"waited_ms": wait, "talked_ms": talk, "confidence": "own", "repeats": 0},
        **common,
    )


def shift(agent: str, begins_at: int, draw: random.Random) -> Iterator[Fact]:
    """Nine hours of one agent."""
    at, ends_at = begins_at, begins_at + 9 * HOUR_MS
    while at < ends_at:
        for state, mean in (("ready", 90), ("busy-acd", 170), ("wrap-up", 30)):
            upto = at + max(1, round(draw.expovariate(1 / mean) * 1000))
            queue = None if state == "ready" else draw.choice(QUEUES)
            yield from _pieces(agent, state, at, upto, queue)
            at = upto
        if draw.random() < 0.03:
            yield from _pieces(agent, "not-ready", at, at + 600_000, None, "休息")
            at += 600_000


def _pieces(
    agent: str, state: str, at: int, upto: int, queue: str | None, why: str | None = None
) -> Iterator[Fact]:
    for began_at, ended_at in quarters(at, upto):
        yield Fact(
            kind=Kind.STATE,
            began_at=began_at,
            ended_at=ended_at,
            subject=agent,
            queue=queue,
            agent=agent,
            team=f"team{agent[-1]}",
            result=state,
            dialled=draw_number(queue),
            detail=why,
        )


def draw_number(queue: str | None) -> str | None:
    """The number that leads to a queue, for the bench's purposes."""
    return DIALLED[len(queue) % len(DIALLED)] if queue is not None else None


def fill(connection: sa.Connection, wanted: int, days: int, draw: random.Random) -> int:
    """About so many facts over so many days, the last of them `LAST`; and the calls and customers they speak of.

    The last weeks are drawn one by one, the weeks before are like them: to draw 20 million would take an hour.
    """
    a_day = wanted / days
    calls_a_day = max(50, round(0.6 * a_day / PER_CALL))
    agents = max(5, round(0.4 * a_day / 330))
    drawn = min(days, DRAWN_DAYS)
    written = 0
    for n in range(drawn):
        rows = list(day_of(LAST - timedelta(days=drawn - 1 - n), calls_a_day, agents, draw))
        connection.execute(
            facts.insert(), [{name: getattr(row, name) for name in COLUMNS} for row in rows]
        )
        written += len(rows)
    first = midnight(LAST - timedelta(days=drawn - 1), ZONE)
    for earlier in range((days - 1) // drawn, 0, -1):
        since = midnight(LAST - timedelta(days=days - 1), ZONE) + earlier * drawn * DAY_MS
        values = {"ms": earlier * drawn * DAY_MS, "n": f"-{earlier}", "since": max(first, since)}
        written += connection.execute(sa.text(_LIKE_IT), values).rowcount
    for statement in _SPOKEN_OF:
        connection.execute(sa.text(statement))
    return written


async def measure(url: str, asked: argparse.Namespace) -> None:
    """Fill it, ask, and print."""
    database = Database(url)
    await database.open()
    began = time.perf_counter()
    written = await database.write(fill, asked.facts, asked.days, random.Random(1))
    await database.write(lambda connection: connection.execute(sa.text("ANALYZE")))
    took = time.perf_counter() - began
    print(f"{database.dialect}: {written} facts of {asked.days} days ({took:.0f} s)")
    books = DatabaseBooks(database)
    as_of = round(datetime(2026, 11, 22, 8, tzinfo=UTC).timestamp() * 1000)
    for name, first in (("a day", LAST), ("a week", LAST - timedelta(days=6))):
        question = Question(first=first, last=LAST, zone=ZONE, as_of=as_of)
        took_s = []
        for _ in range(3):
            began = time.perf_counter()
            page = as_html(await pages.daily(books, question, Names()))
            took_s.append(time.perf_counter() - began)
        print(f"  the daily page of {name:8} first {took_s[0]:6.2f} s  then {min(took_s):6.2f} s")
        if asked.page and first == LAST:
            keep(asked.page, page)
    month = Question(
        first=LAST - timedelta(days=29), last=LAST, zone=ZONE, as_of=as_of, step=Step.DAY
    )
    year = replace(month, first=LAST - timedelta(days=asked.days - 1))
    rule = PayRule(base=Decimal(3000), per_call=Decimal("0.8"))
    for name, report in (
        ("a month by day", pages.service(books, month, Names(), [], by_time=True)),
        ("a month by agent", pages.service(books, month, Names(), [Key.AGENT], by_time=False)),
        ("a month by outcome", pages.service(books, month, Names(), [Key.OUTCOME], by_time=False)),
        ("a month's pay", pages.wages(books, month, Names(), rule)),
        ("who gave up in a month", pages.gave_up(books, month, Names())),
        (
            "all of it by day and queue",
            pages.service(books, year, Names(), [Key.QUEUE], by_time=True),
        ),
    ):
        began = time.perf_counter()
        await report
        print(f"  {name:30} {time.perf_counter() - began:6.2f} s", flush=True)
    if asked.explain:
        await database.report(explain, as_of)
    await database.close()


def keep(file: str, page: str) -> None:
    """To look at it."""
    Path(file).write_text(page, encoding="utf-8")


def explain(connection: sa.Connection, as_of: int) -> None:
    """The plan of every sum that the page of a day asks for."""
    parts = intervals(LAST, LAST, ZONE, Step.HALF)
    word = (
        "EXPLAIN (ANALYZE, BUFFERS)"
        if connection.dialect.name == "postgresql"
        else "EXPLAIN QUERY PLAN"
    )
    question = SumsQuestion(parts, pages.CUTS, Only(), Terms(), as_of)
    for add, statement in question.statements():
        print(f"\n  {add.__name__.removeprefix('_add_')}")
        text = str(statement.compile(connection, compile_kwargs={"literal_binds": True}))
        for row in connection.exec_driver_sql(f"{word} {text.replace('%', '%%')}"):
            print(f"    {row[-1]}")


def main() -> None:
    """As the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--facts", type=int, default=2_000_000, help="history in the table")
    parser.add_argument("--days", type=int, default=36, help="over so many days")
    parser.add_argument("--postgresql", action="store_true", help="on a server of our own instead")
    parser.add_argument("--explain", action="store_true", help="show the plans")
    parser.add_argument("--page", help="keep the day's page in this file")
    parser.add_argument("--keep", help="keep the SQLite database in this file")
    asked = parser.parse_args()
    if asked.postgresql:
        from tests.adapters.database.conftest import Server

        server = Server()
        try:
            asyncio.run(measure(server.new_database(), asked))
        finally:
            server.remove()
        return
    with tempfile.TemporaryDirectory() as folder:
        file = asked.keep or Path(folder) / "bench.db"
        asyncio.run(measure(f"sqlite:///{file}", asked))


if __name__ == "__main__":
    main()
