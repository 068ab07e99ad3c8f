"""What is done again and again goes on whatever happens to it."""

import asyncio
from collections.abc import Iterator

import pytest

from acd.adapters.database.connection import DatabaseError
from acd.again import again_and_again


async def test_neither_the_database_nor_a_fault_of_ours_ends_it(caplog: pytest.LogCaptureFixture):
    done = asyncio.Event()

    def ends() -> Iterator[Exception]:
        yield DatabaseError("away")
        yield DatabaseError("away still")
        yield KeyError("a fault")

    left = ends()

    async def do() -> None:
        if error := next(left, None):
            raise error
        done.set()

    work = asyncio.create_task(again_and_again("this", do, 0))
    await asyncio.wait_for(done.wait(), 10)
    work.cancel()
    said = [record.message for record in caplog.records]
    assert said == [
        "this: not until the database is back: away",
        "this: a fault of ours; it is tried again",
    ]
