"""The steps as Alembic takes them; loaded only where there is one to take."""

import sqlalchemy as sa
from alembic import command
from alembic.config import Config


def configuration(connection: sa.Connection | None = None) -> Config:
    """What Alembic's own commands need, to work on `connection`."""
    config = Config()
    config.set_main_option("script_location", "acd.adapters.database:migrations")
    config.set_main_option("file_template", "r%%(rev)s_%%(slug)s")  # A name that Python can import.
    config.attributes["connection"] = connection
    return config


def take_all(connection: sa.Connection) -> None:
    """From wherever the tables are to the newest revision, within the caller's transaction."""
    command.upgrade(configuration(connection), "head")
