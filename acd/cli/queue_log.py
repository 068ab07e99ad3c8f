"""The commands `cordboard import queue-log` and `cordboard export queue-log`: app_queue's past in, ours out."""

import asyncio
import gzip
import os
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, TextIO

import typer

from acd.cli.asked import Asked, Format, Where, database_of, question_of
from acd.cli.customers import progress
from acd.cli.terminal import fail, say

if TYPE_CHECKING:
    from acd.adapters.database.history_book import HistoryBook, Written
    from acd.core.configuration import AgentProfile
    from acd.queue_log.history import History
    from acd.queue_log.line import Line
    from acd.queue_log.members import Names
    from acd.reports.calendar import Interval

import_app = typer.Typer(help="What was before us, into the ledger.", no_args_is_help=True)

export_app = typer.Typer(help="What we know, for other systems.", no_args_is_help=True)

_BATCH = 20_000  # Lines in one transaction, and in one look for who has their numbers.
_TOLD = 10  # Problems that are printed; all are in the file beside.

Centre = Annotated[
    Path | None,
    typer.Option(
        envvar="CORDBOARD_CENTRE", help="The centre file: whose phones and names are whose."
    ),
]


@import_app.command("queue-log")
def import_queue_log(
    files: Annotated[list[Path], typer.Argument(help="The oldest first; .gz is read as it is.")],
    queue_map: Annotated[
        list[str] | None,
        typer.Option(help="THEIRS=OURS; may be given again. Else as it is called."),
    ] = None,
    agent_map: Annotated[
        list[str] | None,
        typer.Option(help="THEIRS=OURS; else by phone or name of the centre file."),
    ] = None,
    node: Annotated[
        str, typer.Option(envvar="CORDBOARD_NODE", help="What we call the Asterisk that wrote it.")
    ] = "pbx1",
    centre: Centre = None,
    check: Annotated[bool, typer.Option("--check", help="Read and report; write nothing.")] = False,
) -> None:
    """Read app_queue's log into the ledger, so that reports begin before we do. The same again changes nothing.

    Lines that cannot be read stand in FILE.kept-aside, each after its number and what is wrong; then the exit
    code is 1.
    """
    from acd.adapters.database.connection import DatabaseError
    from acd.settings import SettingsError, load_storage

    names = _names(queue_map, agent_map, centre, node)
    try:
        storage = load_storage()
        intake = _Intake(names, node, check=check)
        asyncio.run(intake.run(files, storage.database, storage.region))
    except OSError as error:
        raise fail(f"{error.filename} cannot be read: {error.strerror or error}") from error
    except EOFError as error:
        raise fail("a .gz file ends in the middle: fetch it again") from error
    except (DatabaseError, SettingsError) as error:
        raise fail(error) from error
    intake.report()
    if intake.bad:
        raise typer.Exit(1)


class _Intake:
    """Files on their way into the ledger."""

    def __init__(self, names: "Names", node: str, *, check: bool) -> None:
        self.bad = 0
        self._names = names
        self._node = node
        self._check = check
        self._lines = 0
        self._took_s = 0.0
        self._written: Written | None = None
        self._history: History | None = None
        self._problems: list[str] = []
        self._kept: list[Path] = []

    async def run(self, files: list[Path], url: str, region: str) -> None:
        """Take them all, one after the other: a call may begin in one and end in the next."""
        from acd.adapters.database.connection import Database
        from acd.adapters.database.history_book import HistoryBook, Written
        from acd.queue_log.history import History

        began = time.monotonic()
        database = Database(url)
        await database.open()
        try:
            book = HistoryBook(database, region=region)
            self._written = Written()
            self._known: frozenset[str] = frozenset()
            self._who = await book.whose(("",))
            self._history = History(
                self._names, self._who.__getitem__, lambda call: call in self._known
            )
            with progress(sum(file.stat().st_size for file in files)) as (bar, task):
                for file in files:
                    await self._take(file, book, lambda done: bar.update(task, advance=done))
        finally:
            await database.close()
        self._took_s = time.monotonic() - began

    async def _take(self, file: Path, book: "HistoryBook", done: Callable[[int], None]) -> None:
        from acd.queue_log.line import BadLineError

        aside = _Aside(file)
        assert self._history is not None and self._written is not None
        with file.open("rb") as raw, _text(file, raw) as text:
            numbered, at = enumerate(text, 1), 0
            while batch := list(islice(numbered, _BATCH)):
                lines = list(self._read(batch, aside))
                await self._prepare(book, [line for _, line, _ in lines])
                told = []
                for number, line, said in lines:
                    try:
                        told += list(self._history.hear(line))
                    except BadLineError as error:
                        self._keep(aside, number, said, str(error))
                told += list(self._history.gone())
                if not self._check:
                    self._written += await book.keep(told)
                self._lines += len(batch)
                done(raw.tell() - at)
                at = raw.tell()
        if aside.close():
            self._kept.append(aside.path)

    def _read(
        self, batch: list[tuple[int, str]], aside: "_Aside"
    ) -> "Iterator[tuple[int, Line, str]]":
        from acd.adapters.database.connection import storable
        from acd.queue_log.line import BadLineError, read_line

        for number, raw in batch:
            said = storable(raw)
            if not said.strip() or said.startswith("#"):
                continue
            try:
                line = read_line(said)
            except BadLineError as error:
                self._keep(aside, number, said, str(error))
                continue
            if line is not None:
                yield number, line, said

    def _keep(self, aside: "_Aside", number: int, said: str, why: str) -> None:
        self.bad += 1
        aside.keep(number, said, why)
        if len(self._problems) < _TOLD:
            self._problems.append(f"{aside.source.name} line {number}: {why}")

    async def _prepare(self, book: "HistoryBook", lines: "list[Line]") -> None:
        """Find out whose these numbers are, and which calls were ours."""
        from acd.core.ids import NodeId

        entered = [line for line in lines if line.event == "ENTERQUEUE"]
        self._who.clear()
        self._who.update(await book.whose({line.text(1) for line in entered}))
        self._known = await book.known({line.call for line in entered}, NodeId(self._node))

    def report(self) -> None:
        """Print what came of it."""
        assert self._written is not None and self._history is not None
        seen = self._history.seen
        say(f"{self._lines} lines, {seen.pop('calls', 0)} calls, {self._took_s:.0f} s")
        if self._check:
            say("  nothing was written: this was a check")
        else:
            say(
                f"  facts: {self._written.new} new, {self._written.facts - self._written.new} known"
            )
        for what, calls in sorted(seen.items()):
            say(f"  calls left out, {what}: {calls}")
        if still := self._history.open_at_the_end():
            say(
                f"  calls that are not over at the end: {still}; they come with the rest of the log"
            )
        if self.bad:
            where = ", ".join(str(path) for path in self._kept)
            say(f"  {self.bad} lines kept aside in {where}, the first of them:")
        for problem in self._problems:
            say(f"    {problem}")


class _Aside:
    """The lines that could not be read, in a file beside, to be mended and given again."""

    def __init__(self, source: Path) -> None:
        self.source = source
        self.path = source.with_name(f"{source.name}.kept-aside")
        self._file: TextIO | None = None
        self.path.unlink(missing_ok=True)

    def keep(self, number: int, said: str, why: str) -> None:
        """Write this one down."""
        if self._file is None:
            self.path.touch(mode=0o600)  # There may be numbers of people in it.
            self._file = self.path.open("w", encoding="utf-8")
        self._file.write(f"# line {number}: {why}\n{said.rstrip()}\n")

    def close(self) -> bool:
        """No more; whether there is anything."""
        if self._file is None:
            return False
        self._file.close()
        return True


def _text(file: Path, raw: IO[bytes]) -> TextIO:
    from io import TextIOWrapper

    # A caller's switch may have sent anything as his number; nothing of it may stop us.
    binary = gzip.GzipFile(fileobj=raw) if file.suffix == ".gz" else raw
    return TextIOWrapper(binary, encoding="utf-8", errors="replace", newline="\n")


def _names(
    queue_map: list[str] | None, agent_map: list[str] | None, centre: Path | None, node: str
) -> "Names":
    from acd.queue_log.members import Names

    agents: dict[str, str] = {}
    teams: dict[str, str | None] = {}
    if centre is not None:
        for profile in _profiles(centre, node):
            agents |= {profile.name: profile.id, profile.device or profile.id: profile.id}
            teams[profile.id] = profile.team
    return Names(queues=_map(queue_map), agents=agents | _map(agent_map), teams=teams)


def _profiles(centre: Path, node: str) -> "Iterable[AgentProfile]":
    from acd.centre.file import parse_centre
    from acd.core.ids import NodeId
    from ivr.plain_yaml import BrokenFile, text_of

    try:
        loaded = parse_centre(text_of(centre), file=centre.name, node=NodeId(node)).configuration
    except BrokenFile as error:
        raise fail(error) from error
    return loaded.agents.values()


def _map(said: list[str] | None) -> dict[str, str]:
    found = {}
    for one in said or ():
        theirs, equals, ours = one.partition("=")
        if not (equals and theirs and ours):
            raise fail(f"{one}: write THEIRS=OURS, as support=hotline")
        found[theirs] = ours
    return found


@export_app.command("queue-log")
def export_queue_log(
    file: Annotated[Path, typer.Argument(help="The file to write.")],
    day: Annotated[
        str, typer.Option(help="A date such as 2026-11-21, or `yesterday`.")
    ] = "yesterday",
    to: Annotated[str | None, typer.Option(help="The last day, if it is not the same one.")] = None,
    tz: Annotated[
        str, typer.Option(envvar="CORDBOARD_TIME_ZONE", help="Whose days.")
    ] = "Asia/Shanghai",
    centre: Centre = None,
    database: Where = None,
) -> None:
    """Write days of the ledger as app_queue would have, for tools that read its log.

    With a centre file agents are called by their phones, as app_queue calls them; else by their ids.
    """
    from acd.adapters.database.connection import DatabaseError

    asked = Asked(
        day=day,
        to=to,
        zone=tz,
        lang="en",
        form=Format.CSV,
        out=None,
        database=database,
        centre=None,
    )
    question = question_of(asked)
    agents: dict[str, str] = {}
    if centre is not None:
        agents |= {one.id: one.device or one.id for one in _profiles(centre, "pbx1")}
    try:
        lines = asyncio.run(_past_lines(database_of(asked), question.whole, agents))
        # Callers' numbers are in it.
        handle = os.open(file, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as text:
            text.writelines(f"{line}\n" for line in lines)
    except OSError as error:
        raise fail(f"{file} cannot be written: {error.strerror}") from error
    except DatabaseError as error:
        raise fail(error) from error
    say(f"{file}: {len(lines)} lines")


async def _past_lines(url: str, span: "Interval", agents: dict[str, str]) -> list[str]:
    from acd.adapters.database.connection import Database
    from acd.adapters.database.past_lines import lines_of

    database = Database(url)
    try:
        await database.open_to_read()
        return await lines_of(database, span, agents)
    finally:
        await database.close()
