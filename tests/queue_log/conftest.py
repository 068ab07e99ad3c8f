"""The databases of those who test them."""

from tests.adapters.database.conftest import (  # noqa: F401
    brought_up_to_date,
    database,
    directory,
    ledger,
    server,
    url,
)
