"""What Alembic runs for every command: the tables, and the connection it is given; never opens its own."""

from alembic import context

from acd.adapters.database.migrations import VERSION_TABLE
from acd.adapters.database.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,  # SQLite cannot alter a column: the table is made anew.
)
with context.begin_transaction():
    context.run_migrations()
