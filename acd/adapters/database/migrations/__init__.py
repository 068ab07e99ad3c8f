"""How the tables came to be, step by step, and the way to the newest; never loses what is in them.

Alembic without its ini file: the steps travel inside the package, and `Database.open` takes them.
"""

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

# Not Alembic's usual name: the database may be shared with a program that uses that one.
VERSION_TABLE = "cordboard_version"

# Any number, as long as nobody else uses it in the same database.
_UPGRADE_LOCK = 0x0C0BD


class UnknownRevisionError(Exception):
    """The tables are of a revision that this program has never heard of."""


def configuration(connection: sa.Connection | None = None) -> Config:
    """What Alembic's own commands need, to work on `connection`."""
    config = Config()
    config.set_main_option("script_location", "acd.adapters.database:migrations")
    config.set_main_option("file_template", "r%%(rev)s_%%(slug)s")  # A name that Python can import.
    config.attributes["connection"] = connection
    return config


def versions(connection: sa.Connection) -> tuple[str | None, str | None]:
    """The revision that the tables have, and the newest."""
    scripts = ScriptDirectory.from_config(configuration(connection))
    options = {"version_table": VERSION_TABLE}
    found = MigrationContext.configure(connection, opts=options).get_current_revision()
    return found, scripts.get_current_head()


def upgrade(connection: sa.Connection) -> None:
    """Bring the tables to the newest revision, within the caller's transaction.

    Two processes that start together do it one after the other: the second finds nothing to do. On SQLite
    the transaction itself is the lock.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_UPGRADE_LOCK)))
    config = configuration(connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    found = MigrationContext.configure(
        connection, opts={"version_table": VERSION_TABLE}
    ).get_current_revision()
    if found is not None and found not in known:
        raise UnknownRevisionError(found)
    command.upgrade(config, "head")
