"""The commands `cordboard webhooks …`: what no other system took, and to send it once more; sends nothing itself."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from acd.cli.terminal import fail, say

if TYPE_CHECKING:
    from acd.adapters.database.outbox import Outbox

T = TypeVar("T")

app = typer.Typer(help="What other systems are told of over HTTP.", no_args_is_help=True)


@app.command()
def dead() -> None:
    """What was tried in vain to the end, the newest first: its id, when, for whom, what, and why not."""
    found = _run(lambda outbox: outbox.dead())
    for one in found:
        when = datetime.fromtimestamp(one.at / 1000, UTC).isoformat(timespec="seconds")
        say(f"{one.id}  {when}  {one.target}  {one.event}  {one.attempts} attempts: {one.error}")
    say(
        f"{len(found)} events were not taken"
        if found
        else "Nothing: what is not taken yet is still tried."
    )


@app.command()
def retry(
    ids: Annotated[list[str] | None, typer.Argument(help="Which; all if none is named.")] = None,
) -> None:
    """Let the server try these anew, from the first attempt on."""
    now = round(time.time() * 1000)
    say(f"{_run(lambda outbox: outbox.revive(ids or (), at=now))} events are sent once more")


def _run(work: "Callable[[Outbox], Awaitable[T]]") -> T:
    from acd.adapters.database.connection import Database, DatabaseError
    from acd.adapters.database.outbox import Outbox
    from acd.settings import SettingsError, load_storage

    async def run() -> T:
        database = Database(load_storage().database)
        await database.open()
        try:
            return await work(Outbox(database))
        finally:
            await database.close()

    try:
        return asyncio.run(run())
    except (DatabaseError, SettingsError) as error:
        raise fail(error) from error
