"""Both databases for every test: a SQLite file, and a PostgreSQL that the tests start and stop themselves."""

import asyncio
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest

from acd.adapters.database.connection import Database
from acd.adapters.database.directory import Directory
from acd.adapters.database.ledger import Ledger
from acd.core.ids import AgentId

PASSWORD = "correct horse"
_MODEL = "model"


class Server:
    """A PostgreSQL of our own: a temporary folder, a Unix socket, one free port on the loopback."""

    def __init__(self) -> None:
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        if not found:
            pytest.fail(
                "The tests need PostgreSQL's server: apt-get install postgresql", pytrace=False
            )
        self._bin = found[-1].parent
        self._folder = Path(tempfile.mkdtemp(prefix="cordboard-postgresql-"))
        self._names = (f"test{n}" for n in count(1))
        self._has_model = False
        # The server refuses to run as root.
        self._as_user: list[str] = []
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            self._as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
            os.chown(self._folder, user.pw_uid, user.pw_gid)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        (self._folder / "password").write_text(PASSWORD)
        (self._folder / "password").chmod(0o644)
        self._run(
            "initdb",
            "--username=cordboard",
            f"--pwfile={self._folder / 'password'}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        )
        self.start()

    def start(self) -> None:
        """Start, or start again; returns when it takes connections."""
        options = (
            f"-p {self.port} -c listen_addresses=127.0.0.1 -c fsync=off "
            f"-c unix_socket_directories={self._folder}"
        )
        log = f"--log={self._folder / 'log'}"
        self._run("pg_ctl", "start", "--wait", log, f"--options={options}")

    def stop(self) -> None:
        """Stop as a crash does."""
        self._run("pg_ctl", "stop", "--wait", "--mode=immediate")

    def remove(self) -> None:
        """Stop, and leave nothing behind."""
        self.stop()
        shutil.rmtree(self._folder)

    def url(self, name: str, password: str = PASSWORD) -> str:
        """The URL of one of its databases."""
        return f"postgresql://cordboard:{password.replace(' ', '%20')}@127.0.0.1:{self.port}/{name}"

    def new_database(self, options: str = "", *, name: str | None = None) -> str:
        """The URL of a new, empty database."""
        name = name or next(self._names)
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} {options}")  # type: ignore[call-overload]
        return self.url(name)

    def bring_up_to_date(self, url: str) -> None:
        """Give this empty database all tables: a copy costs a fraction of all the steps from nothing."""
        if not self._has_model:
            with_all_tables(self.new_database(name=_MODEL))
            self._has_model = True
        name = url.rpartition("/")[2]
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name}")  # type: ignore[call-overload]
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {_MODEL}")  # type: ignore[call-overload]

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [
                *self._as_user,
                str(self._bin / program),
                f"--pgdata={self._folder / 'data'}",
                *arguments,
            ],
            cwd=self._folder,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.remove()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.live)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'cordboard.db'}"
    server: Server = request.getfixturevalue("server")
    return server.new_database()


@pytest.fixture(scope="session")
def brought_up_to_date(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all tables: a copy costs a fraction of all the steps from nothing."""
    file = tmp_path_factory.mktemp("database") / "cordboard.db"
    with_all_tables(f"sqlite:///{file}")
    return file


def with_all_tables(url: str) -> None:
    """Take all the steps from nothing."""

    async def make() -> None:
        database = Database(url)
        await database.open()
        await database.close()

    asyncio.run(make())


@pytest.fixture
async def database(
    url: str, brought_up_to_date: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Database]:
    database = Database(url)
    if database.dialect == "sqlite":
        shutil.copy(brought_up_to_date, str(database.url.database))
    else:
        server: Server = request.getfixturevalue("server")
        await asyncio.to_thread(server.bring_up_to_date, url)
    await database.open()
    yield database
    await database.close()


@pytest.fixture
async def ledger(database: Database) -> AsyncIterator[Ledger]:
    """A ledger that writes; it gathers for an hour, so that a test decides when."""
    ledger = Ledger(database, region="CN", gather_s=3600, soon_s=3600, retry_s=(0.001, 0.01))
    await ledger.start()
    yield ledger
    await ledger.stop()


@pytest.fixture
def directory(database: Database, ledger: Ledger) -> Directory:
    names = {AgentId("ana"): "Ana 安娜", AgentId("bo"): "Bo"}
    return Directory(database, region="CN", ledger=ledger, agent_names=names)
