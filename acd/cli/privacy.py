"""The commands `cordboard privacy …`: one person's data shown and erased, two customers made one, the old purged.

What is done is in the audit as what is asked of the API is, with who sits at the terminal, and why.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import msgspec
import typer

from acd.cli.terminal import Why, WhyIfAny, fail, say, whoever

if TYPE_CHECKING:
    from acd.adapters.database.privacy import Privacy

T = TypeVar("T")

app = typer.Typer(help="What is kept of people, and for how long.", no_args_is_help=True)

Customer = Annotated[str | None, typer.Option(help="The customer's id.")]
Number = Annotated[str | None, typer.Option(help="Or a number that is his alone.")]
Days = Annotated[int, typer.Option(min=0, help="0: for good.")]


@app.command("export")
def export_person(
    file: Annotated[Path, typer.Argument(help="The JSON file to write.")],
    reason: Why,
    customer: Customer = None,
    number: Number = None,
) -> None:
    """Write all that is kept of one person into a file, and recordings into a folder beside it.

    Journals are not in it: they go by age.
    """

    sounds = file.with_suffix(".recordings")

    async def work(privacy: "Privacy") -> bytes:
        person = await privacy.whose(customer=customer, number=number)
        told = await privacy.export(person)
        await privacy.copy_sounds([row["id"] for row in told["recordings"]], sounds)
        return msgspec.json.format(msgspec.json.encode(told))

    told = _run(work, reason)
    try:
        file.touch(mode=0o600)
        file.write_bytes(told)
    except OSError as error:
        raise fail(f"{file} cannot be written: {error.strerror}") from error
    say(f"{file}: all that is kept")


@app.command()
def erase(
    reason: Why,
    customer: Customer = None,
    number: Number = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Forget one person. How many called, and how long it took, stays; who it was does not."""
    if not yes:
        typer.confirm(f"Forget {customer or number} for good?", abort=True)

    async def work(privacy: "Privacy") -> dict[str, int]:
        return await privacy.erase(await privacy.whose(customer=customer, number=number))

    _report(_run(work, reason))
    say("Journals hold what was said to us for as many days as `journal_days` says.")


@app.command()
def merge(kept: str, gone: str, reason: Why) -> None:
    """KEPT and GONE are one and the same customer: what was the second's is the first's."""
    number = _run(lambda privacy: privacy.merge(kept, gone, at=_now()), reason)
    say(
        f"change {number}: {gone} is {kept} now. To take it back: cordboard privacy undo {number} --reason …"
    )


@app.command()
def split(
    customer: str,
    new: Annotated[str, typer.Argument(help="The id of the other customer.")],
    name: Annotated[str, typer.Option(help="His name.")],
    number: Annotated[list[str], typer.Option(help="A number that is his; may be given again.")],
    reason: Why,
) -> None:
    """Some numbers of a customer are another one's, with what came from them."""
    change = _run(lambda privacy: privacy.split(customer, new, name, number, at=_now()), reason)
    say(f"change {change}. To take it back: cordboard privacy undo {change} --reason …")


@app.command()
def undo(change: int, reason: Why) -> None:
    """Take a merge or a split back."""
    _run(lambda privacy: privacy.undo(change, at=_now()), reason)
    say(f"change {change} is undone")


@app.command()
def purge(
    callers_days: Days = 0,
    contacts_days: Days = 0,
    recordings_days: Days = 0,
    customers_days: Days = 0,
    reason: WhyIfAny = None,
    really: Annotated[bool, typer.Option("--really", help="Do it, and not only say.")] = False,
) -> None:
    """Forget what is older than so many days: who called; contacts; recordings; customers not in touch since.

    Recordings are never kept longer than who called.
    """
    from acd.adapters.database.too_old import Retention

    keep = Retention(
        callers_days=callers_days,
        contacts_days=contacts_days,
        recordings_days=recordings_days,
        customers_days=customers_days,
    )
    _report(_run(lambda privacy: privacy.purge(keep, at=_now(), really=really), reason or ""))
    if not really:
        say("Nothing was done: this is what --really would do.")


def _report(counts: dict[str, int]) -> None:
    for table, rows in counts.items():
        say(f"  {table}: {rows}")


def _now() -> int:
    return round(time.time() * 1000)


def _run(work: "Callable[[Privacy], Awaitable[T]]", reason: str) -> T:
    from acd.adapters.database.audit import writer_of
    from acd.adapters.database.connection import Database
    from acd.adapters.database.one_person import PrivacyError
    from acd.adapters.database.privacy import Privacy
    from acd.adapters.stereo import sounds_at
    from acd.away import StoreAwayError
    from acd.settings import SettingsError, load_storage

    async def run() -> T:
        storage = load_storage()
        database = Database(storage.database)
        await database.open()
        password = storage.ari_password.get_secret_value()
        sounds = sounds_at(storage.recordings, storage.ari_url, storage.ari_user, password)
        try:
            note = writer_of(database, by=whoever(), reason=reason, now_ms=_now)
            return await work(Privacy(database, region=storage.region, sounds=sounds, note=note))
        finally:
            await sounds.close()
            await database.close()

    try:
        return asyncio.run(run())
    except (PrivacyError, StoreAwayError, SettingsError) as error:
        raise fail(error) from error
