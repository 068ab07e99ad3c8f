"""What is kept of one person: shown, erased, moved to another customer and back; and what is too old is purged.

Counts and durations stay, for they are nobody's; numbers, names, notes and texts go, and whoever's facts they were
becomes somebody without a name. What is done leaves a record that holds none of it but, for a merge, the way back.
"""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa

from acd.adapters.database.audit import Note
from acd.adapters.database.connection import Database
from acd.adapters.database.numbers import masked, read_number
from acd.adapters.database.one_person import Person, PrivacyError, erase, everything_of, person_of
from acd.adapters.database.same_person import merge, split, undo
from acd.adapters.database.tables import (
    callbacks,
    customer_changes,
    customer_numbers,
    customers,
    recordings,
)
from acd.adapters.database.too_old import LOOKED_UP, PIECE, PURGES, Retention, too_old
from acd.adapters.sound import SoundAwayError, Sounds, copied
from acd.cases.refused import Why
from acd.core.ids import CustomerId

P = ParamSpec("P")
T = TypeVar("T")

_CHANGE = ("serial", "at", "what", "kept", "gone", "undone_at")
_MOST_CHANGES = 100


class Privacy:
    """Works on the database alone, whether or not the server runs."""

    def __init__(
        self, database: Database, *, region: str, sounds: Sounds, note: Note | None = None
    ) -> None:
        """`note` puts on record what is done here, if nobody else does."""
        self._database = database
        self._note = note
        self._region = region
        self._sounds = sounds

    async def whose(self, *, customer: str | None, number: str | None) -> Person:
        """The person who is meant. Raises PrivacyError."""
        return await self._database.read(self._whose, customer, number)

    async def export(self, person: Person) -> dict[str, Any]:
        """All that is kept of this person, each table by its name. It is on record that it was looked at."""
        await self._put_on_record("export-customer")
        return await self._database.read(everything_of, person)

    async def copy_sounds(self, names: Sequence[str], folder: Path) -> None:
        """Copy these recordings into a folder, as far as there are files. Raises SoundAwayError."""
        for name in names:
            await copied(self._sounds, name, folder)

    async def erase(self, person: Person) -> dict[str, int]:
        """Forget this person; returns how many rows of each table were touched."""
        counts = await self._done("erase-customer", lambda _: "", erase, person)
        await self.remove_the_doomed()
        return counts

    async def called_off(self) -> Sequence[str]:
        """The callbacks that are owed to nobody any more: who it was is erased."""
        asked = sa.select(callbacks.c.id).where(callbacks.c.number == "").order_by(callbacks.c.id)
        return await self._database.read(
            lambda connection: connection.execute(asked).scalars().all()
        )

    async def forget_callbacks(self, names: Sequence[str]) -> None:
        """The engine knows nothing of these."""
        gone = sa.delete(callbacks).where(callbacks.c.id.in_(names), callbacks.c.number == "")
        await self._database.write(partial(_rows_of, gone))

    async def remove_the_doomed(self) -> None:
        """Remove the files of recordings that nobody may hear any more, then what says that there were any.

        Raises PrivacyError if a file stays: what says so stays too, and the next purge tries again.
        """
        doomed = sa.select(recordings.c.id).where(recordings.c.doomed_at.is_not(None))
        names = await self._database.read(
            lambda connection: connection.execute(doomed).scalars().all()
        )
        for name in names:
            try:
                await self._sounds.remove(name)
            except SoundAwayError as error:
                raise PrivacyError(
                    f"recordings are still there, which nobody can hear any more by us: {error}. "
                    "When that is mended, run `cordboard privacy purge --really`"
                ) from error
            gone = sa.delete(recordings).where(recordings.c.id == name)
            await self._database.write(partial(_rows_of, gone))

    async def merge(self, kept: str, gone: str, *, at: int) -> int:
        """Two customers are one and the same: all that was the second's is the first's. Returns the change's number."""
        if kept == gone:
            raise PrivacyError("a customer cannot be merged with himself", Why.SAME_CUSTOMER)
        ids = CustomerId(kept), CustomerId(gone)
        return await self._done("merge-customers", _named, merge, *ids, at)

    async def split(
        self, customer: str, new: str, name: str, numbers: Sequence[str], *, at: int
    ) -> int:
        """These numbers are another customer's, with the calls that came from them. Returns the change's number."""
        readable = [read_number(number, self._region).e164 for number in numbers]
        return await self._done("split-customer", _named, split, customer, new, name, readable, at)

    async def undo(self, change: int, *, at: int) -> None:
        """Take a merge or a split back, as far as what was moved is still where it was moved to."""
        await self._done("undo-customer-change", lambda _: _named(change), undo, change, at)

    async def changes(self, customer: str) -> list[dict[str, Any]]:
        """The merges and splits that this customer was part of, newest first."""
        asked = (
            sa.select(*(customer_changes.c[name] for name in _CHANGE))
            .where(sa.or_(customer_changes.c.kept == customer, customer_changes.c.gone == customer))
            .order_by(customer_changes.c.serial.desc())
            .limit(_MOST_CHANGES)
        )
        rows = await self._database.read(
            lambda connection: connection.execute(asked).mappings().all()
        )
        return [
            {"change" if name == "serial" else name: row[name] for name in _CHANGE} for row in rows
        ]

    async def purge(self, keep: Retention, *, at: int, really: bool) -> dict[str, int]:
        """Forget what is older than it may be; returns how many rows of each table.

        To look through all of a long history takes seconds, and the ledger waits for whoever writes: so what is
        to go is looked up by a reader, many rows at once, and forgotten a piece at a time, if it is still too old.
        """
        counts: dict[str, int] = {}
        if really:
            await self._put_on_record("purge", str(keep))  # First: it may end in the midst.
        for what, query in too_old(keep, at):
            if not really:
                count = sa.select(sa.func.count()).select_from(query.subquery())
                counts[what] = await self._database.read(_scalar, count)
                continue
            counts[what] = 0
            while found := await self._database.report(_keys, query.limit(LOOKED_UP)):
                for first in range(0, len(found), PIECE):
                    piece = found[first : first + PIECE]
                    counts[what] += await self._database.write(PURGES[what], query, piece)
        if really:
            await self.remove_the_doomed()
        return counts

    async def _put_on_record(self, action: str, detail: str = "") -> None:
        if self._note is not None:
            await self._database.write(self._note, action, detail)

    async def _done(
        self,
        action: str,
        detail: Callable[[T], str],
        change: Callable[Concatenate[sa.Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Do it and put it on record: both or neither."""

        def both(connection: sa.Connection) -> T:
            done = change(connection, *args, **kwargs)
            if self._note is not None:
                self._note(connection, action, detail(done))
            return done

        return await self._database.write(both)

    def _whose(self, connection: sa.Connection, customer: str | None, number: str | None) -> Person:
        if customer is not None:
            found = connection.execute(sa.select(customers.c.id).where(customers.c.id == customer))
            if found.scalar() is None:
                raise PrivacyError(f"there is no customer {customer}", Why.UNKNOWN_CUSTOMER)
            return person_of(connection, CustomerId(customer))
        e164 = read_number(number or "", self._region).e164
        if e164 is None:
            raise PrivacyError(
                "that is no subscriber's number: write it with its area or country code"
            )
        owners = (
            connection.execute(
                sa.select(customer_numbers.c.customer_id)
                .where(customer_numbers.c.e164 == e164)
                .order_by(customer_numbers.c.customer_id)
                .limit(10)
            )
            .scalars()
            .all()
        )
        if len(owners) > 1:
            raise PrivacyError(
                f"{masked(e164)} is the number of several customers ({', '.join(owners)} …): name one of them"
            )
        if owners:
            return person_of(connection, CustomerId(owners[0]))
        return Person(customer=None, numbers=(e164,))


def _named(change: int) -> str:
    return f"change {change}"


def _rows_of(statement: sa.Delete, connection: sa.Connection) -> int:
    return connection.execute(statement).rowcount


def _keys(connection: sa.Connection, query: sa.Select[Any]) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in connection.execute(query)]


def _scalar(connection: sa.Connection, query: sa.Select[Any]) -> int:
    found: int = connection.execute(query).scalar_one()
    return found
