"""The commands `cordboard customers …`: files in and out; thin words over the parts that do the work."""

import asyncio
import os
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer
from rich.progress import (
    BarColumn,
    FileSizeColumn,
    Progress,
    TaskID,
    TaskProgressColumn,
    TimeRemainingColumn,
)

from acd.cli.terminal import WhyIfAny, errors, fail, say, whoever

if TYPE_CHECKING:
    from acd.adapters.database.customer_book import CustomerBook, Tally
    from acd.customer_file import KeptAside, Line

app = typer.Typer(help="Customers: files in and out.", no_args_is_help=True)

# Rows in one transaction: the server, which may be running, waits for no more than it.
_BATCH = 5_000
_TOLD = 10  # Problems that are printed; all are in the file beside.


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="CSV: the columns are in acd/customer_file.py.")],
    encoding: Annotated[
        str | None, typer.Option(help="utf-8, gb18030 …; found out if not given.")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Read and report; list nobody.")] = False,
) -> None:
    """List the customers of a file, or correct those already listed. The same file twice changes nothing.

    Rows that cannot be taken as they are stand in FILE.kept-aside.csv, each with its line and what is wrong; then
    the exit code is 1. Where only a number is wrong, the customer is listed without it, and the row stands there too.
    """
    from acd.adapters.database.connection import DatabaseError
    from acd.customer_file import CustomerFile, KeptAside
    from acd.settings import SettingsError, load_storage
    from acd.spreadsheet import BadFile

    try:
        storage = load_storage()
        now = datetime.now(UTC)
        with file.open("rb") as raw:
            read = CustomerFile(raw, region=storage.region, today=now.date(), encoding=encoding)
            aside = KeptAside(file, read)
            with progress(file.stat().st_size) as (bar, task):
                intake = _Intake(round(now.timestamp() * 1000), aside, check=check)

                def done() -> None:
                    bar.update(task, completed=raw.tell())

                asyncio.run(intake.run(storage.database, iter(read), done))
        aside.close()
    except BadFile as error:
        raise fail(f"{file} {error}") from error
    except OSError as error:
        raise fail(f"{file} cannot be read: {error.strerror}") from error
    except (DatabaseError, SettingsError) as error:
        raise fail(error) from error
    how = "as named" if encoding else "found out"
    say(f"{file.name}: {intake.rows} rows, {read.encoding} ({how}), {intake.took_s:.0f} s")
    if read.unknown:
        say(f"  columns left alone: {', '.join(read.unknown)}")
    intake.report()
    if aside.count:
        raise typer.Exit(1)


class _Intake:
    """One file on its way into the directory."""

    def __init__(self, at: int, aside: "KeptAside", *, check: bool) -> None:
        self.rows = 0
        self.took_s = 0.0
        self._at = at
        self._aside = aside
        self._check = check
        self._tally: Tally | None = None
        self._problems: list[str] = []
        # Rows kept aside whose customer is listed, without what could not be read.
        self._in_part = 0
        self._shared: list[tuple[str, int]] = []

    async def run(self, url: str, lines: "Iterator[Line]", done: Callable[[], None]) -> None:
        """Take them all, and say after each batch that it is done."""
        from acd.adapters.database.connection import Database
        from acd.adapters.database.customer_book import CustomerBook, Tally

        began = time.monotonic()
        self._tally = Tally()
        database = Database(url)
        await database.open()
        book = CustomerBook(database)
        batch = list(islice(lines, _BATCH))
        while batch:
            # The next ones are read while the database writes these.
            told, following = await asyncio.gather(
                self._put(book, batch), asyncio.to_thread(lambda: list(islice(lines, _BATCH)))
            )
            self._tally += told
            self._keep_aside(batch, frozenset(told.nameless))
            self.rows += len(batch)
            done()
            batch = following
        self._shared = await book.most_shared()
        await database.close()
        self.took_s = time.monotonic() - began

    async def _put(self, book: "CustomerBook", batch: "list[Line]") -> "Tally":
        from acd.adapters.database.customer_book import Tally

        if self._check:
            return Tally()
        listings = [line.listing for line in batch if line.listing is not None]
        return await book.put(listings, at=self._at)

    def _keep_aside(self, batch: "list[Line]", nameless: Collection[str]) -> None:
        for line in batch:
            why = line.problems
            listed = line.listing is not None and line.listing.id not in nameless
            if line.listing is not None and not listed:
                why = (*why, "name: is empty, and this customer is new")
            if why:
                self._aside.keep(line, why)
                self._in_part += listed
                if len(self._problems) < _TOLD:
                    self._problems.append(f"line {line.number}: {'; '.join(why)}")

    def report(self) -> None:
        """Print what came of it."""
        assert self._tally is not None
        told = self._tally
        say(
            "  nobody was listed: this was a check"
            if self._check
            else f"  customers: {told.new} new, {told.changed} changed, {told.unchanged} as they were"
        )
        for number, customers in self._shared:
            say(f"  {number} is the number of {customers} customers, so nobody's own")
        if self._problems:
            say(
                f"  rows kept aside in {self._aside.path}: {self._told_apart()}; the first of them:"
            )
        for problem in self._problems:
            say(f"    {problem}")

    def _told_apart(self) -> str:
        """A customer with a number that nobody can read is listed without it: the row is taken, and kept aside too."""
        would = "would be " if self._check else ""
        return (
            f"{self._aside.count - self._in_part} not taken, "
            f"{self._in_part} {would}taken without a number that cannot be read"
        )


@app.command("export")
def export_file(
    file: Annotated[Path, typer.Argument(help="The CSV file to write.")], reason: WhyIfAny = None
) -> None:
    """Write all customers into a file that `import` reads. No cell of it runs in a spreadsheet.

    It is in the audit that this was done.
    """
    from acd.adapters.database.connection import DatabaseError
    from acd.settings import SettingsError, load_storage

    try:
        url = load_storage().database
        # Personal data: nobody but us. The mark tells a spreadsheet that it is UTF-8.
        handle = os.open(file, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8-sig", newline="") as text:
            written = asyncio.run(_export(url, text, reason or ""))
    except OSError as error:
        raise fail(f"{file} cannot be written: {error.strerror}") from error
    except (DatabaseError, SettingsError) as error:
        raise fail(error) from error
    say(f"{file}: {written} customers")


async def _export(url: str, text: TextIO, reason: str) -> int:
    from acd.adapters.database.audit import writer_of
    from acd.adapters.database.connection import Database
    from acd.adapters.database.customer_book import CustomerBook
    from acd.customer_file import write_rows

    database = Database(url)
    await database.open()
    note = writer_of(
        database, by=whoever(), reason=reason, now_ms=lambda: round(time.time() * 1000)
    )
    await database.write(note, "export-customers")
    book = CustomerBook(database)
    written = 0
    records = await book.page("")
    write_rows(text, records, head=True)
    while records:
        written += len(records)
        records = await book.page(records[-1]["customer"]["id"])
        write_rows(text, records, head=False)
    await database.close()
    return written


@contextmanager
def progress(size: int) -> Iterator[tuple[Progress, TaskID]]:
    """A bar, of so many bytes."""
    columns = (BarColumn(), TaskProgressColumn(), FileSizeColumn(), TimeRemainingColumn())
    with Progress(*columns, console=errors, transient=True) as progress:
        yield progress, progress.add_task("", total=size)
