"""Drafts the next step from what `tables.py` says now; a developer's tool, never run in production.

python -m acd.adapters.database.migrations "calls have a language"
"""

import sys
import tempfile
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory

from acd.adapters.database import migrations
from acd.adapters.database.migrations.steps import configuration

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        engine = sa.create_engine(f"sqlite:///{Path(folder) / 'draft.db'}")
        with engine.begin() as connection:
            migrations.upgrade(connection)
            config = configuration(connection)
            steps = len(list(ScriptDirectory.from_config(config).walk_revisions()))
            command.revision(config, sys.argv[1], autogenerate=True, rev_id=f"{steps + 1:04}")
        engine.dispose()
