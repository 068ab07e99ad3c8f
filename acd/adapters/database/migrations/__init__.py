"""How the tables came to be, step by step, and the way to the newest; never loses what is in them.

Alembic without its ini file: the steps travel inside the package, and `Database.open` takes them. Where there is
nothing to do, which is nearly always, Alembic is not even loaded: it is as large as a fifth of our own code.
"""

from pathlib import Path

import sqlalchemy as sa

# Not Alembic's usual name: the database may be shared with a program that uses that one.
VERSION_TABLE = "cordboard_version"

# Any number, as long as nobody else uses it in the same database.
_UPGRADE_LOCK = 0x0C0BD


class UnknownRevisionError(Exception):
    """The tables are of a revision that this program has never heard of."""


def known() -> list[str]:
    """Every revision, the newest last: files of a step are named r0001_what_it_does.py."""
    steps = Path(__file__).parent.glob("versions/r*_*.py")
    return sorted(step.name.partition("_")[0].removeprefix("r") for step in steps)


def versions(connection: sa.Connection) -> tuple[str | None, str]:
    """The revision that the tables have, and the newest."""
    found = None
    if sa.inspect(connection).has_table(VERSION_TABLE):
        version = sa.column("version_num", sa.String)
        found = connection.scalar(sa.select(version).select_from(sa.table(VERSION_TABLE)))
    return found, known()[-1]


def upgrade(connection: sa.Connection) -> None:
    """Bring the tables to the newest revision, within the caller's transaction.

    Two processes that start together do it one after the other: the second finds nothing to do. On SQLite
    the transaction itself is the lock.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_UPGRADE_LOCK)))
    found, newest = versions(connection)
    if found is not None and found not in known():
        raise UnknownRevisionError(found)
    if found != newest:
        from acd.adapters.database.migrations.steps import take_all

        take_all(connection)
