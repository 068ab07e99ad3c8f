"""The steps between versions of the tables: up and down without loss, and the same tables as the code's."""

import asyncio
import multiprocessing
from multiprocessing.synchronize import Barrier

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from acd.adapters.database import migrations
from acd.adapters.database.connection import Database, DatabaseError
from acd.adapters.database.migrations import steps
from acd.adapters.database.tables import metadata

pytestmark = pytest.mark.slow

STEPS = [
    script.revision
    for script in ScriptDirectory.from_config(steps.configuration()).walk_revisions()
][::-1]


def a_row(table: sa.Table) -> dict[str, object]:
    """Something in every column; all names are the same, so that references hold."""
    return {column.name: _a_value(column) for column in table.columns if column.name != "serial"}


def _a_value(column: sa.Column[object]) -> object:
    match column.type:
        case sa.JSON():
            return [["manual", "午饭"]]
        case sa.Boolean():
            return True
        case sa.Integer():
            return 1_700_000_000_000
        case _:
            return "名字 𠮷"


def everything(connection: sa.Connection) -> dict[str, list[dict[str, object]]]:
    connection.commit()
    found = sa.MetaData()
    found.reflect(connection)
    rows = {
        name: [dict(row) for row in connection.execute(sa.select(table)).mappings()]
        for name, table in found.tables.items()
        if name != migrations.VERSION_TABLE
    }
    connection.commit()
    return rows


def test_the_newest_step_is_known_without_alembic() -> None:
    assert migrations.known() == STEPS


async def test_stairway(url: str) -> None:
    def climb(connection: sa.Connection) -> None:
        config = steps.configuration(connection)
        command.downgrade(config, "base")
        for step in STEPS:
            command.upgrade(config, step)
            command.downgrade(config, "-1")
            command.upgrade(config, step)

    database = Database(url)
    await database.open()
    await database.write(climb)
    await database.close()


@pytest.mark.parametrize("step", STEPS[:-1])
async def test_the_way_down_and_up_keeps_what_is_in_the_tables(
    database: Database, step: str
) -> None:
    def fill(connection: sa.Connection) -> None:
        for table in metadata.sorted_tables:
            connection.execute(table.insert(), [a_row(table)])

    def down(connection: sa.Connection) -> None:
        command.downgrade(steps.configuration(connection), step)

    def up(connection: sa.Connection) -> None:
        command.upgrade(steps.configuration(connection), "head")

    await database.write(fill)
    before = await database.read(everything)
    await database.write(down)
    # What the version before has no column for may be gone; all else is there, and stays on the way up.
    below = await database.read(everything)
    await database.write(up)
    after = await database.read(everything)
    assert before.keys() == after.keys()
    assert before["facts"] == after["facts"], "the ledger is never lost"
    for name in below:
        kept = [column for column in below[name][0] if column in before[name][0]]
        assert [[row[column] for column in kept] for row in before[name]] == [
            [row[column] for column in kept] for row in after[name]
        ]


async def test_what_was_heard_as_notices_becomes_facts(database: Database) -> None:
    def as_of_0002(connection: sa.Connection) -> None:
        command.downgrade(steps.configuration(connection), "0002")
        calls = [
            (
                "one",
                "+8613800138000",
                None,
                "unlisted",
                "hotline",
                "ana",
                1_000_009,
                "completed",
                9,
                5,
            ),
            ("two", "+8613800138001", "c1", "own", "hotline", None, None, "abandoned", 7, 0),
            ("three", None, None, "anonymous", None, None, None, "left-menu", 0, 0),
            ("four", None, None, "anonymous", "hotline", None, None, "released", 0, 0),  # Refused.
        ]
        for n, (
            call,
            number,
            customer,
            confidence,
            queue,
            agent,
            answered,
            ending,
            waited,
            talked,
        ) in enumerate(calls):
            row = {
                "id": call,
                "number": number,
                "customer": customer,
                "confidence": confidence,
                "queue": queue,
                "agent": agent,
                "answered": answered,
                "ending": ending,
                "waited": waited,
                "talked": talked,
            }
            connection.execute(
                sa.text(
                    "INSERT INTO calls (id, started_at, number, dialled, confidence, customer_id, queue,"
                    " agent, answered_at, ended_at, ending, waited_ms, talked_ms) VALUES (:id, 1000000,"
                    " :number, '4001', :confidence, :customer, :queue, :agent, :answered, 1000014,"
                    " :ending, :waited, :talked)"
                ),
                row,
            )
            heard = ["CallStarted", "CallEnded"] + ["CallQueued"] * (call in ("one", "two"))
            for m, kind in enumerate(heard):
                connection.execute(
                    sa.text(
                        "INSERT INTO facts (epoch, n, at, kind, call, body)"
                        " VALUES ('run', :n, 1000000, :kind, :call, '{}')"
                    ),
                    {"n": 10 * n + m, "kind": kind, "call": call},
                )

    await database.write(as_of_0002)
    await database.write(
        lambda connection: command.upgrade(steps.configuration(connection), "head")
    )
    found = {
        (row["kind"], row["subject"]): (
            row["began_at"],
            row["ended_at"],
            row["result"],
            row["person"],
        )
        for row in (await database.read(everything))["facts"]
    }
    him, number = "c1", "+8613800138000"
    assert found == {
        ("call", "one"): (1_000_000, 1_000_014, "completed", number),
        ("call", "two"): (1_000_000, 1_000_014, "abandoned", him),
        ("call", "three"): (1_000_000, 1_000_014, "left-menu", None),
        ("call", "four"): (1_000_000, 1_000_014, "released", None),
        ("stay", "one@hotline"): (1_000_000, 1_000_009, "answered", number),
        ("stay", "two@hotline"): (1_000_007, 1_000_014, "abandoned", him),
        ("talk", "one~ana~1000009"): (1_000_009, 1_000_014, "ended", number),
    }


async def test_the_steps_lead_to_the_tables_of_the_code(database: Database) -> None:
    def difference(connection: sa.Connection) -> object:
        options = {"version_table": migrations.VERSION_TABLE, "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)
        return compare_metadata(context, metadata)

    assert await database.read(difference) == []


async def test_opening_again_changes_nothing(database: Database, url: str) -> None:
    before = await database.read(everything)
    again = Database(url)
    await again.open()
    assert await again.read(everything) == before
    await again.close()


async def test_tables_of_a_newer_program_are_left_alone(database: Database, url: str) -> None:
    table = migrations.VERSION_TABLE
    await database.write(
        lambda connection: connection.execute(sa.text(f"UPDATE {table} SET version_num = '9999'"))
    )
    older = Database(url)
    with pytest.raises(DatabaseError, match=r"version 9999.*newer one\. Upgrade Cordboard"):
        await older.open()
    await older.close()


def _open_at_once(url: str, ready: Barrier) -> None:
    async def once() -> None:
        database = Database(url)
        ready.wait()
        await database.open()
        await database.close()

    asyncio.run(once())


def test_processes_that_start_together(url: str) -> None:
    spawn = multiprocessing.get_context("spawn")
    ready = spawn.Barrier(4)
    processes = [spawn.Process(target=_open_at_once, args=(url, ready)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * 4
