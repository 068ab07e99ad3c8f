"""Who a customer is since he was made one with another, for whoever still has the old id; merges nobody."""

from collections.abc import Sequence

import sqlalchemy as sa

from acd.adapters.database.tables import customer_changes, customers
from acd.core.ids import CustomerId

_AT_ONCE = 500  # Names in one statement.
# Asked with all that is written down, so it is put together once.
_MERGES_OF = (
    sa.select(customer_changes.c.gone, customer_changes.c.kept)
    .where(
        customer_changes.c.gone.in_(sa.bindparam("people", expanding=True)),
        customer_changes.c.what == "merge",
        customer_changes.c.undone_at.is_(None),
        ~sa.exists().where(customers.c.id == customer_changes.c.gone),
    )
    .order_by(customer_changes.c.serial)
)


def living(connection: sa.Connection, customer: str) -> CustomerId:
    """The one who he is by now; himself, if nobody has merged him."""
    return CustomerId(merged(connection, [customer]).get(customer, customer))


def merged(connection: sa.Connection, people: Sequence[str]) -> dict[str, str]:
    """Those of them who are another customer now, and which. Who was listed again since is himself."""
    found: dict[str, str] = {}
    for first in range(0, len(people), _AT_ONCE):
        some = {"people": people[first : first + _AT_ONCE]}
        found |= {row.gone: row.kept for row in connection.execute(_MERGES_OF, some)}
    further = merged(connection, list(found.values())) if found else {}
    return {gone: further.get(kept, kept) for gone, kept in found.items()}
