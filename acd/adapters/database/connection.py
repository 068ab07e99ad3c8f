"""The one door to the database: opens it, brings its tables up to date, reads and writes; it never blocks the loop.

A transaction is a plain function of a connection. What people ask for goes through SQLAlchemy's asyncio layer. Three
things go to threads: a look-up, for which a caller waits, and a change (one hop, where an async driver hops several
times a statement), and a report, whose computing would hold up the loop. Even a read that a SQLite
file answers from memory is not made on the loop: one slow disk would hold up all calls.
"""

import asyncio
import logging
import os
import re
import sqlite3
import time
from collections.abc import Awaitable, Callable, Collection, Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeAlias, TypeVar, overload

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from acd.adapters.database import migrations
from acd.away import StoreAwayError

logging.getLogger("aiosqlite").setLevel(logging.WARNING)  # At DEBUG it logs what is in every row.

P = ParamSpec("P")
T = TypeVar("T")
Insert: TypeAlias = sqlite.Insert | postgresql.Insert

_READERS = 4
# Of their own, as they take long; and nobody's list or report stands in a caller's way.
_REPORTS = 2
LOOK_UPS = 4
_CONNECT_TIMEOUT_S = 5
_LOCK_TIMEOUT_S = 30  # A SQLite file has one writer at a time; an import may be it for a while.
_OLDEST_POSTGRESQL = 15
_LONGEST_TEXT = 4_000  # A caller chooses his own name; nobody needs more of it.

# Every spelling that people know from elsewhere, and the one driver that we use for it; psycopg is two in one.
_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+pysqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}

# What PostgreSQL says when it will not let us in, and what to do about it.
_REMEDIES = (
    ("password authentication failed", "check user and password in the database URL"),
    ("no password supplied", "put the password into the database URL, or into ~/.pgpass"),
    ("pg_hba.conf", "let this host and user in, in pg_hba.conf of the server"),
    ("role ", "create the user: createuser --pwprompt NAME"),
    ("already exists", "it has tables that are not ours: give Cordboard a database of its own"),
    ("relation", "its tables were changed by hand: restore it from a backup"),
    ("no such", "its tables were changed by hand: restore it from a backup"),
    ("does not exist", "create it: createdb --encoding UTF8 --owner USER NAME"),
    ("refused", "start PostgreSQL there, or correct host and port in the database URL"),
    ("timeout", "see whether host and port are right and no firewall is between"),
    ("No such file", "start PostgreSQL there, or correct the path of its socket"),
    ("resolve", "correct the host in the database URL"),
    ("permission denied", "GRANT CREATE ON SCHEMA public TO the user, or make him owner of it"),
    ("not a database", "give the path of another file, or restore this one from a backup"),
    ("malformed", "restore the file from a backup"),
    ("readonly", "let the user who runs Cordboard write the file and its folder"),
    ("unable to open", "let the user who runs Cordboard read and write the file and its folder"),
    ("locked", "find the other program that has the file open for writing, and end it"),
    ("full", "make room on the disk"),
)


# The database is well, but does not take what we wanted to write.
REFUSED_DATA = (sa.exc.DataError, sa.exc.IntegrityError)


class DatabaseError(StoreAwayError):
    """The database cannot be used; the text says what is wrong, where, and what to do."""


class DatabaseUnavailableError(DatabaseError):
    """It cannot be reached or is busy: the same may succeed later."""

    passes = True


class LookUp:
    """A connection that is kept open for looking up, with nothing between us and the driver.

    Measured on SQLite: to identify a caller costs 0.38 ms through SQLAlchemy and its pool, 0.15 ms so.
    """

    def __init__(self, connection: sa.PoolProxiedConnection, dialect: str) -> None:
        self._connection = connection
        self._driver: Any = connection.driver_connection
        self._dialect = dialect

    def rows(self, sql: str, **values: object) -> list[tuple[Any, ...]]:
        """What this SELECT finds; a value stands in it as :name."""
        spoken = sql if self._dialect == "sqlite" else _for_psycopg(sql)
        found: list[tuple[Any, ...]] = self._driver.execute(spoken, values).fetchall()
        return found

    def drop(self) -> None:
        """Close it for good."""
        self._connection.invalidate()


class Database:
    """A SQLite file, or a PostgreSQL server."""

    def __init__(self, url: str) -> None:
        self.url = _understood(url)
        self.dialect: str = self.url.get_backend_name()
        self.where = self.url.set(drivername=self.dialect).render_as_string(hide_password=True)
        self._reader = self._async_engine()
        self._writer = self._engine(1, reading=False)
        self._threaded = self._engine(_REPORTS + LOOK_UPS, reading=True)
        driver = self._threaded.dialect.loaded_dbapi
        self._driver_error: type[Exception] = driver.Error
        # Away, locked, full: all of these may pass.
        self._passing = (
            sa.exc.OperationalError,
            sa.exc.InterfaceError,
            driver.OperationalError,
            driver.InterfaceError,
        )
        self._idle: list[LookUp] = []
        self._look_ups = ThreadPoolExecutor(LOOK_UPS, thread_name_prefix="database-look-up")
        self._reports = ThreadPoolExecutor(_REPORTS, thread_name_prefix="database-report")
        # One: changes keep their order, and SQLite has one writer anyway.
        self._changes = ThreadPoolExecutor(1, thread_name_prefix="database-change")
        self._begun: set[asyncio.Future[Any]] = set()

    async def open(self) -> None:
        """Make it ready: the file, the tables. Raises DatabaseError."""
        if self.dialect == "sqlite":
            await asyncio.to_thread(self._prepare_file)
        try:
            await self._to_its_end(self._in(self._changes, self._prepare))
        except migrations.UnknownRevisionError as error:
            raise DatabaseError(
                f"{self.where} has tables of version {error}, which this Cordboard does not know: "
                "it was written by a newer one. Upgrade Cordboard, or give it another database."
            ) from error
        except (SQLAlchemyError, sqlite3.Error) as error:
            raise self._explained(error) from error

    async def open_to_read(self) -> None:
        """Look whether it is there and of our version, and change nothing. Raises DatabaseError."""
        if self.dialect == "sqlite" and not _is_file(self.url.database or ""):
            raise DatabaseError(f"There is no database {self.url.database}.")
        found, newest = await self.read(migrations.versions)
        if found != newest:
            raise DatabaseError(
                f"{self.where} has tables of version {found or 'none'}, and this Cordboard reads {newest}. "
                "Start the server of this version once, or use the version that runs there."
            )

    async def close(self) -> None:
        """Finish what has begun and let go of every connection."""
        await asyncio.gather(*self._begun, return_exceptions=True)
        await self._reader.dispose()
        await asyncio.to_thread(self._shut)

    async def read(
        self, query: Callable[Concatenate[sa.Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """What `query(connection, …)` finds. Each statement sees the database as it is just then."""

        async def attempt() -> T:
            async with self._reader.connect() as connection:
                return await connection.run_sync(query, *args, **kwargs)

        async def run() -> T:
            try:
                return await attempt()
            except DBAPIError as error:
                if not error.connection_invalidated:
                    raise
                # The server was restarted, and took the connections of the pool along: once more.
                return await attempt()

        return await self._to_its_end(asyncio.create_task(run()))

    async def report(
        self, query: Callable[Concatenate[sa.Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """As `read`, in a thread: for what reads much and computes for long."""

        def attempt() -> T:
            with self._threaded.connect() as connection:
                return query(connection, *args, **kwargs)

        def run() -> T:
            try:
                return attempt()
            except DBAPIError as error:
                if not error.connection_invalidated:
                    raise
                return attempt()

        return await self._outcome(self._in(self._reports, run))

    def look_up(
        self, query: Callable[Concatenate[LookUp, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> Coroutine[Any, Any, T]:
        """As `read`, and several times as fast: for what a caller waits for. Begun when this returns."""

        def run() -> T:
            try:
                kept = self._idle.pop()
            except IndexError:
                return attempt(self._new_look_up())
            try:
                return attempt(kept)
            except self._driver_error:
                # Open for long, it may have died with the server: once more, on a new one.
                return attempt(self._new_look_up())

        def attempt(connection: LookUp) -> T:
            try:
                result = query(connection, *args, **kwargs)
            except BaseException:
                connection.drop()
                raise
            self._idle.append(connection)
            return result

        return self._outcome(self._in(self._look_ups, run))

    async def write(
        self, change: Callable[Concatenate[sa.Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run `change(connection, …)` in one transaction: all of it happens, or nothing."""

        def run() -> T:
            with self._writer.begin() as connection:
                return change(connection, *args, **kwargs)

        return await self._to_its_end(self._in(self._changes, run))

    async def _to_its_end(self, running: asyncio.Future[T]) -> T:
        """Whoever gives up waiting: a connection that is cut off within a statement is of no use to others."""
        self._begun.add(running)
        running.add_done_callback(self._begun.discard)
        return await self._outcome(asyncio.shield(running))

    def _in(self, threads: ThreadPoolExecutor, run: Callable[[], T]) -> asyncio.Future[T]:
        return asyncio.get_running_loop().run_in_executor(threads, run)

    async def _outcome(self, running: Awaitable[T]) -> T:
        try:
            return await running
        except (DBAPIError, self._driver_error) as error:
            if isinstance(error, REFUSED_DATA):
                raise
            raise self._explained(error) from error

    def _new_look_up(self) -> LookUp:
        return LookUp(self._threaded.raw_connection(), self.dialect)

    def insert(self, table: sa.Table) -> Insert:
        """An INSERT that knows ON CONFLICT, which both databases have and standard SQL has not."""
        return sqlite.insert(table) if self.dialect == "sqlite" else postgresql.insert(table)

    def spoken(self, statement: Insert, columns: Collection[str]) -> str:
        """The text of an INSERT of these columns, for `exec_driver_sql`; a JSON value goes in as text."""
        return str(statement.compile(dialect=self._writer.dialect, column_keys=list(columns)))

    def _engine(self, connections: int, *, reading: bool) -> sa.Engine:
        """For threads."""
        url = self.url
        if self.dialect == "sqlite":
            url = url.set(drivername="sqlite+pysqlite")
        engine = sa.create_engine(url, **self._arguments(connections, reading=reading))
        if self.dialect == "sqlite":
            _speak_plainly(engine, reading=reading)
        elif reading:
            _plan_for_reports(engine)
        return engine

    def _async_engine(self) -> AsyncEngine:
        """For what people ask for."""
        engine = create_async_engine(self.url, **self._arguments(_READERS, reading=True))
        if self.dialect == "sqlite":
            _speak_plainly(engine.sync_engine, reading=True)
        return engine

    def _arguments(self, connections: int, *, reading: bool) -> dict[str, Any]:
        both: dict[str, Any] = {
            "hide_parameters": True,  # They are people's names and numbers, and errors are logged.
            "json_serializer": lambda value: msgspec.json.encode(value).decode(),
            "json_deserializer": msgspec.json.decode,
            "pool_size": connections,
            "max_overflow": 0,
            "pool_timeout": None,
        }
        if self.dialect == "sqlite":
            # A row can go to either driver as it is: by its columns' names.
            return both | {"paramstyle": "named", "connect_args": {"timeout": _LOCK_TIMEOUT_S}}
        return both | {
            "pool_pre_ping": not reading,  # A write is not repeated by itself; a read is.
            "isolation_level": "AUTOCOMMIT" if reading else "READ COMMITTED",
            "connect_args": {
                "application_name": "cordboard",
                "connect_timeout": _CONNECT_TIMEOUT_S,
                "tcp_user_timeout": _CONNECT_TIMEOUT_S * 1000,
            },
        }

    def _prepare(self) -> None:
        with self._writer.connect() as connection:
            if self.dialect == "postgresql":
                self._check_server(connection)
            # A table is changed by making another and dropping it: with foreign keys on, what
            # refers to it would be deleted along.
            if self.dialect == "sqlite":
                _pragma(connection, "foreign_keys = OFF")
            with connection.begin():
                migrations.upgrade(connection)
            if self.dialect == "sqlite":
                _pragma(connection, "foreign_keys = ON")

    def _prepare_file(self) -> None:
        file = Path(self.url.database or "")
        if not file.parent.is_dir():
            raise DatabaseError(
                f"The folder {file.parent} of the database does not exist. "
                f"Create it: mkdir -p {file.parent}"
            )
        if file.is_dir():
            raise DatabaseError(
                f"{file} is a folder. Give the path of a file, as {file}/cordboard.db"
            )
        try:
            # Personal data: nobody but us. SQLite gives its side files the same mode.
            os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            raise DatabaseError(
                f"The database {file} cannot be opened: {error.strerror}. "
                "Let the user who runs Cordboard read and write the file and its folder."
            ) from error

    def _check_server(self, connection: sa.Connection) -> None:
        version = int(connection.execute(sa.text("SHOW server_version_num")).scalar_one()) // 10_000
        if version < _OLDEST_POSTGRESQL:
            raise DatabaseError(
                f"{self.where} is PostgreSQL {version}; "
                f"Cordboard needs {_OLDEST_POSTGRESQL} or newer. Upgrade the server."
            )
        encoding = connection.execute(sa.text("SHOW server_encoding")).scalar_one()
        connection.rollback()
        if encoding != "UTF8":
            raise DatabaseError(
                f"{self.where} is encoded in {encoding}, which cannot hold every name. "
                "Create it anew: createdb --encoding UTF8 --template template0 NAME"
            )

    def _explained(self, error: Exception) -> DatabaseError:
        """What people should read instead of a driver's exception."""
        said = " ".join(str(getattr(error, "orig", None) or error).split())
        remedy = next((remedy for words, remedy in _REMEDIES if words in said), "see its log")
        kind = DatabaseUnavailableError if isinstance(error, self._passing) else DatabaseError
        return kind(f"The database {self.where} cannot be used: {said}. What to do: {remedy}.")

    def _shut(self) -> None:
        self._look_ups.shutdown()
        self._reports.shutdown()
        self._changes.shutdown()
        while self._idle:
            self._idle.pop().drop()
        self._threaded.dispose()
        self._writer.dispose()


@overload
def storable(text: str) -> str: ...


@overload
def storable(text: str | None) -> str | None: ...


def storable(text: str | None) -> str | None:
    """The text as both databases can hold it: no NUL, no half of a character, no end to be missed."""
    if text is None:
        return None
    text = text[:_LONGEST_TEXT]
    if text.isascii() and "\0" not in text:
        return text
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "")


@lru_cache(maxsize=64)
def _for_psycopg(sql: str) -> str:
    return re.sub(r":(\w+)", r"%(\1)s", sql)


def _understood(text: str) -> sa.URL:
    """The URL with the driver that we use, or what is wrong with it."""
    try:
        url = sa.make_url(text)
        driver = _DRIVERS[url.drivername]
    except (ArgumentError, ValueError, KeyError):
        # The text is not repeated: it may hold a password.
        raise DatabaseError(
            "The database URL is not understood. Write sqlite:///path/to/cordboard.db, "
            "or postgresql://user:password@host/name"
        ) from None
    if url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:"):
        raise DatabaseError(
            "A SQLite database must be a file, or nothing would survive a restart: "
            "write sqlite:///path/to/cordboard.db"
        )
    return url.set(drivername=driver)


def _is_file(path: str) -> bool:
    return Path(path).is_file()


def _pragma(connection: sa.Connection, setting: str) -> None:
    """Set it outside any transaction, where alone SQLite obeys."""
    cursor = connection.connection.cursor()
    cursor.execute(f"PRAGMA {setting}")
    cursor.close()


def _plan_for_reports(engine: sa.Engine) -> None:
    """How PostgreSQL is to choose its plans for what a report asks: many statements over some days of a long history.

    Its JIT takes longer for each of them than it takes to run. And by its usual price of a page that is read out of
    order, which is a spinning disk's, it would sooner read all calls and customers that there ever were than look up
    those of a day (measured at 2 million facts: the page of a day took 2.2 s instead of 1.0).
    """

    @sa.event.listens_for(engine, "connect")
    def connected(driver: Any, _record: object) -> None:
        before, driver.autocommit = driver.autocommit, True
        driver.execute("SET jit = off")
        driver.execute("SET random_page_cost = 1.1")
        driver.autocommit = before


def _speak_plainly(engine: sa.Engine, *, reading: bool) -> None:
    """Keep Python's driver from beginning transactions behind our back, and set SQLite up for a server."""

    @sa.event.listens_for(engine, "connect")
    def connected(driver: sqlite3.Connection, _record: object) -> None:
        driver.isolation_level = None
        if reading:
            driver.execute("PRAGMA query_only = ON")
            return
        # Readers do not wait for the writer. A crash of ours loses nothing that was committed; a power
        # cut may lose the last moments, but never the file.
        _write_ahead(driver)
        driver.execute("PRAGMA synchronous = NORMAL")
        driver.execute("PRAGMA foreign_keys = ON")

    if reading:
        return

    @sa.event.listens_for(engine, "begin")
    def begun(connection: sa.Connection) -> None:
        # Taking the lock at once waits for it; taking it later, after a read, fails.
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _write_ahead(driver: sqlite3.Connection) -> None:
    """Keep the file in WAL mode. SQLite does not wait by itself here when processes start together."""
    for attempts_left in reversed(range(100)):
        try:
            driver.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:
            if not attempts_left:
                raise
            time.sleep(0.05)
