"""Every input, one line each, with a fingerprint of what the engine made of it; who writes it never reads it.

The inputs are the only source of change, so a journal replays what happened, on any machine. It holds
personal data: files are for their owner alone, and are deleted after the retention.

A line is `{"in": kind, "body": {...}, "out": fingerprint}`. A session is all that one process wrote;
it begins with a Configured and may be spread over several parts.
"""

import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import msgspec
from cattrs.preconf.msgspec import make_converter
from cattrs.strategies import configure_tagged_union

from acd.core import events
from acd.core.engine import HANDLERS, Engine, Input
from acd.core.matching import Output
from ivr.steps import Step

log = logging.getLogger(__name__)

PART_BYTES = 64 * 1024 * 1024
DAY_MS = 24 * 60 * 60 * 1000

_KINDS: dict[str, type] = {kind.__name__: kind for kind in (*HANDLERS, events.TimeReached)}
_converter = make_converter(forbid_extra_keys=True)
configure_tagged_union(Step, _converter)


class JournalError(Exception):
    """A journal cannot be written or read; the text says where and what to do."""


def encode(happening: Input, outputs: Sequence[Output]) -> bytes:
    """One input and its outputs as a line of a journal."""
    # Only a configuration holds menus, whose steps have to say what they are.
    body = (
        _converter.unstructure(happening) if isinstance(happening, events.Configured) else happening
    )
    line = {"in": type(happening).__name__, "body": body, "out": fingerprint(outputs)}
    return msgspec.json.encode(line) + b"\n"


def decode(line: bytes) -> tuple[Input, str]:
    """The input of a line and the fingerprint of its outputs."""
    raw = msgspec.json.decode(line)
    happening: Input = _converter.structure(raw["body"], _KINDS[raw["in"]])
    return happening, raw["out"]


def fingerprint(outputs: Sequence[Output]) -> str:
    """Sixteen digits that differ when the outputs, their order or any of their fields does."""
    if not outputs:
        return ""
    text = msgspec.json.encode([(type(output).__name__, output) for output in outputs])
    return blake2b(text, digest_size=8).hexdigest()


class Journal:
    """Writes a session. A disk that fails ends the journal, never a call: it is logged once."""

    def __init__(self, folder: Path, *, at: int, retention_days: int) -> None:
        """Begin a session; raises JournalError if the folder cannot be written."""
        self._folder = folder
        self._session = f"journal-{at}"
        self._retention_days = retention_days
        self._part = 0
        self.path = folder  # The part that is being written.
        self._size = self._lines = 0
        self._file: int | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._next_part(at)
        except OSError as error:
            raise JournalError(
                f"the journal cannot be written in {folder}: {error.strerror}. "
                "Give CORDBOARD_JOURNAL a folder that this user may write to."
            ) from error

    def record(self, happening: Input, outputs: Sequence[Output]) -> str:
        """Keep this input, and say where: part:line. The line is with the operating system when this returns."""
        return self.record_all([(happening, outputs)])

    def record_all(self, steps: Sequence[tuple[Input, Sequence[Output]]]) -> str:
        """Keep these inputs, in one write, and say where the last of them is."""
        if self._file is None or not steps:
            return ""
        lines = b"".join([encode(happening, outputs) for happening, outputs in steps])
        try:
            if self._size and self._size + len(lines) > PART_BYTES:
                self._next_part(steps[-1][0].at)
            os.write(self._file, lines)
            self._size += len(lines)
            self._lines += len(steps)
        except OSError as error:
            log.error("the journal ends here, the calls do not: %s: %s", self.path, error.strerror)
            self.close()
            return ""
        return f"{self.path.name}:{self._lines}"

    def close(self) -> None:
        """Write no more."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _next_part(self, at: int) -> None:
        self.close()
        self._part += 1
        self.path = self._folder / f"{self._session}-{self._part:03}.jsonl"
        self._size = self._lines = 0
        self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        for old in self._folder.glob("journal-*.jsonl"):
            if old.stat().st_mtime * 1000 < at - self._retention_days * DAY_MS:
                old.unlink(missing_ok=True)


def parts(file: Path) -> list[Path]:
    """All parts of the session that `file` belongs to, up to and including `file`."""
    session = file.name.rsplit("-", 1)[0]
    return [part for part in sorted(file.parent.glob(f"{session}-*.jsonl")) if part <= file] or [
        file
    ]


def read(files: Iterable[Path]) -> Iterator[tuple[str, Input, str]]:
    """Where, which input, and the fingerprint of its outputs; raises JournalError on what is not a journal."""
    for file in files:
        try:
            with file.open("rb") as lines:
                for number, line in enumerate(lines, 1):
                    where = f"{file.name}:{number}"
                    if not line.endswith(b"\n"):
                        return  # The process died while it wrote this.
                    try:
                        happening, wanted = decode(line)
                    except Exception as error:  # Whatever it is, it is not a line that we wrote.
                        raise JournalError(
                            f"{where}: is not a line of a journal: {error}"
                        ) from error
                    yield where, happening, wanted
        except OSError as error:
            raise JournalError(f"{file}: cannot be read: {error.strerror}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """One input as it was replayed; `same` if the engine says now what it said then."""

    where: str
    happening: Input
    outputs: list[Output]
    same: bool
    engine: Engine  # As it is after this input, until the next one is asked for.


def replay(files: Iterable[Path]) -> Iterator[Replayed]:
    """Run a session through a new engine, from its beginning."""
    engine = Engine()
    first = True
    for where, happening, wanted in read(files):
        if first and not isinstance(happening, events.Configured):
            raise JournalError(
                f"{where}: the beginning of this session is not here (deleted by the retention?), "
                "and without it nothing that follows can be told"
            )
        first = False
        try:
            outputs, _ = engine.withstand(happening)
        except Exception as error:
            raise JournalError(
                f"{where}: here the engine fails with {type(error).__name__}, and cannot go on"
            ) from error
        same = fingerprint(outputs) == wanted
        yield Replayed(where=where, happening=happening, outputs=outputs, same=same, engine=engine)
