"""Who was erased or merged while he talked stays so in what is written after it; undoes neither."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from acd.adapters.database.last_moments import CallChanges
from acd.adapters.database.merged import merged
from acd.adapters.database.one_person import hide_numbers
from acd.adapters.database.tables import (
    FORGOTTEN,
    calls,
    facts,
    surveys,
)
from acd.core.ids import CallId
from acd.reports.facts import Fact

_AT_ONCE = 500  # Names in one statement.
# Asked with all that is written down, so it is put together once.
_ERASED_AMONG = sa.select(calls.c.id, calls.c.erased_as).where(
    calls.c.id.in_(sa.bindparam("names", expanding=True)), calls.c.erased_as.is_not(None)
)


def forget_erased(connection: sa.Connection, names: Sequence[str]) -> None:
    """Who was erased while he talked, or was written about, stays so: what was told since knows him still."""
    for first in range(0, len(names), _AT_ONCE):
        some = {"names": names[first : first + _AT_ONCE]}
        for call, nobody in connection.execute(_ERASED_AMONG, some).all():
            mine = facts.c.conversation == call, facts.c.person.is_not(None)
            connection.execute(sa.update(facts).where(*mine).values(person=nobody))
            hide_numbers(connection, [call])
            connection.execute(sa.update(calls).where(calls.c.id == call).values(FORGOTTEN))
            connection.execute(sa.delete(surveys).where(surveys.c.call == call))


def follow_merged(
    connection: sa.Connection, told: Sequence[Fact], changed: Mapping[CallId, CallChanges]
) -> None:
    """Who was made one with another customer while he talked is him: what was told since calls him as before."""
    people = dict.fromkeys(one.person for one in told if one.person is not None)
    people |= dict.fromkeys(
        changes["customer_id"] for changes in changed.values() if changes.get("customer_id")
    )
    for gone, kept in merged(connection, list(people)).items():
        names = [one.conversation for one in told if one.person == gone]
        for first in range(0, len(names), _AT_ONCE):
            his = facts.c.conversation.in_(names[first : first + _AT_ONCE]), facts.c.person == gone
            connection.execute(sa.update(facts).where(*his).values(person=kept))
        for call in changed:
            mine = calls.c.id == call, calls.c.customer_id == gone
            connection.execute(sa.update(calls).where(*mine).values(customer_id=kept))
