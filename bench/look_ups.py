"""How long a caller waits until it is known who he is, with a long history behind him; in a database of its own.

python -m bench.look_ups [--calls 1000000] [--postgresql]

A fifth of the callers are listed, the rest are strangers; each has called ten times before. Beside it, in the same
run, the least that anything in a thread can cost: one row by its primary key.
"""

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from acd.adapters.database.connection import Database, LookUp
from acd.adapters.database.directory import Directory
from acd.adapters.database.ledger import Ledger
from acd.core.customer import DAY_MS
from bench.history import EACH, LISTED, fill, number_of

AT = 1_800_000_000_000


async def timed(ask: Callable[[int], Awaitable[object]], callers: list[int]) -> list[float]:
    """Milliseconds for each, one after the other."""
    took = []
    for caller in callers:
        began = time.perf_counter()
        await ask(caller)
        took.append((time.perf_counter() - began) * 1000)
    return took


def line(what: str, took: list[float], floor: float | None = None) -> str:
    """One line of the table."""
    cuts = statistics.quantiles(took, n=1000)
    beside = f"   {cuts[499] / floor:4.1f} x the floor" if floor else ""
    return f"{what:28} p50 {cuts[499]:7.3f} ms   p99 {cuts[989]:7.3f} ms{beside}"


async def measure(url: str, calls: int, asked: int) -> None:
    """Fill it, ask, and print."""
    database = Database(url)
    await database.open()
    ledger = Ledger(database, region="CN")
    directory = Directory(database, region="CN", ledger=ledger, agent_names={})
    began = time.perf_counter()
    await database.write(fill, calls, AT)
    print(f"{database.dialect}: {calls} calls in the tables ({time.perf_counter() - began:.0f} s)")

    def one_row(connection: LookUp, caller: int) -> object:
        return connection.rows("SELECT id FROM calls WHERE id = :id", id=f"pbx1:fill.{caller}")

    async def nothing_but_a_row(caller: int) -> object:
        return await database.look_up(one_row, caller)

    async def identify(caller: int) -> object:
        return await directory.identify(number_of(caller), at=AT, window_ms=DAY_MS)

    draw = random.Random(1)
    callers = calls // EACH
    listed = [draw.randrange(callers // LISTED) for _ in range(asked)]
    strangers = [draw.randrange(callers // LISTED, callers) for _ in range(asked)]
    await timed(nothing_but_a_row, listed[:500])
    floor = await timed(nothing_but_a_row, listed)
    print(line("  a row by its key (floor)", floor))
    middle = statistics.median(floor)
    print(line("  a customer", await timed(identify, listed), middle))
    print(line("  a stranger", await timed(identify, strangers), middle))
    await database.close()


def main() -> None:
    """As the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=1_000_000, help="history in the tables")
    parser.add_argument("--asked", type=int, default=3_000, help="look-ups of each kind")
    parser.add_argument("--postgresql", action="store_true", help="on a server of our own as well")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(f"sqlite:///{Path(folder) / 'bench.db'}", asked.calls, asked.asked))
    if asked.postgresql:
        from tests.adapters.database.conftest import Server

        server = Server()
        try:
            asyncio.run(measure(server.new_database(), asked.calls, asked.asked))
        finally:
            server.remove()


if __name__ == "__main__":
    main()
