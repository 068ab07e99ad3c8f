"""Which number a list may call, and which none may; bars nobody who has not asked for it."""

import sqlalchemy as sa

from acd.adapters.database.tables import customer_numbers, do_not_call, tasks
from acd.cases.follow_up import DROPPED, UNCALLED, Outcome
from acd.core.customer import Confidence

OWN_FIRST = (Confidence.OWN.value, Confidence.HOME.value, Confidence.WORK.value)


def number_of(connection: sa.Connection, customer: str) -> str | None:
    """One of his numbers: one that nobody else has first, then his own; none that is listed as shared, or barred."""
    asked = sa.select(customer_numbers.c.e164, customer_numbers.c.kind).where(
        customer_numbers.c.customer_id == customer,
        customer_numbers.c.kind.in_(OWN_FIRST),
        ~sa.exists().where(do_not_call.c.number == customer_numbers.c.e164),
    )
    found = [
        (others_with(connection, row.e164, customer) > 0, OWN_FIRST.index(row.kind), row.e164)
        for row in connection.execute(asked)
    ]
    return min(found)[2] if found else None


def others_with(connection: sa.Connection, e164: str, customer: str) -> int:
    """How many others are listed with this number: any of them may pick up."""
    asked = sa.select(sa.func.count()).where(
        customer_numbers.c.e164 == e164, customer_numbers.c.customer_id != customer
    )
    return int(connection.execute(asked).scalar_one())


def is_barred(connection: sa.Connection, e164: str) -> bool:
    """Whether no list may call it."""
    asked = sa.select(do_not_call.c.number).where(do_not_call.c.number == e164)
    return connection.execute(asked).first() is not None


def drop_barred(connection: sa.Connection, number: str, at: int) -> None:
    """Take it off all lists."""
    connection.execute(
        sa.update(tasks)
        .where(tasks.c.list.is_not(None), tasks.c.number == number, tasks.c.state.in_(UNCALLED))
        .values(state=DROPPED, outcome=Outcome.DO_NOT_CALL.value, changed_at=at)
    )
