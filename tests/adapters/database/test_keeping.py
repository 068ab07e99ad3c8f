"""What is too old is forgotten by the server itself, and the audit says so; a database that is away is asked again."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest
import sqlalchemy as sa

from acd.adapters.database.audit import DatabaseAudit
from acd.adapters.database.connection import Database, DatabaseUnavailableError
from acd.adapters.database.ledger import Ledger
from acd.adapters.database.privacy import Privacy
from acd.adapters.database.tables import calls
from acd.adapters.database.too_old import DAY_MS, Retention
from acd.adapters.sound import Folder
from acd.keeping import forget_the_old
from tests.adapters.asterisk.inbox import until

T = 1_800_000_000_000
A_DAY = Retention(callers_days=1)


class Away(Privacy):
    """Its database is away for the first time."""

    asked = 0

    async def purge(self, keep: Retention, *, at: int, really: bool) -> dict[str, int]:
        self.asked += 1
        if self.asked == 1:
            raise DatabaseUnavailableError("it is away")
        return await super().purge(keep, at=at, really=really)


async def fill(database: Database) -> None:
    rows = [
        {"id": name, "started_at": at, "number": number, "caller_name": "secret"}
        for name, at, number in (
            ("old", T - DAY_MS - 1, "+8613800138000"),
            ("new", T - 5, "+8613900139000"),
        )
    ]
    await database.write(lambda connection: connection.execute(calls.insert(), rows))


async def numbers(database: Database) -> Mapping[str, str | None]:
    asked = sa.select(calls.c.id, calls.c.number)
    return await database.read(lambda c: {row.id: row.number for row in c.execute(asked)})


async def test_what_is_too_old_goes_and_word_of_it_stays(
    database: Database, ledger: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    await fill(database)
    privacy = Away(database, region="CN", sounds=Folder(Path("nowhere")))
    daily = asyncio.create_task(
        forget_the_old(privacy, A_DAY, ledger.hear, lambda: T, every_s=0, again_s=0)
    )
    await until(lambda: privacy.asked >= 3)
    daily.cancel()
    await asyncio.gather(daily, return_exceptions=True)
    assert await numbers(database) == {"old": None, "new": "+8613900139000"}
    assert "is kept until the database is back" in caplog.text and "secret" not in caplog.text
    acts = await DatabaseAudit(database, ledger).acts(agent=None, before=None, limit=9)
    assert [(one.by, one.action, one.detail) for one in acts] == [
        ("RETENTION", "purge", "calls 1")
    ], "once: the next day there is nothing to do"


async def test_where_all_is_kept_for_good_nothing_is_done(
    database: Database, ledger: Ledger
) -> None:
    await fill(database)
    await forget_the_old(
        Privacy(database, region="CN", sounds=Folder(Path("nowhere"))),
        Retention(),
        ledger.hear,
        lambda: T * 2,
        every_s=0,
    )
    assert None not in (await numbers(database)).values()
