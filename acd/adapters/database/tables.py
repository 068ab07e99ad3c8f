"""The tables: where each thing that is kept is written; never how it is read or changed.

Times are milliseconds since 1970 in UTC, durations are milliseconds, enums are their words. `facts` is
the ledger and only grows; what is over is in it. `calls` and `agent_shifts` say how things stand, also
before they are over, for what routing asks before a phone rings and a restart asks before anything else.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

# Every constraint has a name, or a later migration could not drop it.
metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Json = sa.JSON().with_variant(JSONB(), "postgresql")
# Where nothing is known there is nothing, which is not the same as JSON's null.
JsonOrNothing = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")

customers = sa.Table(
    "customers",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("segment", sa.Text),
    sa.Column("language", sa.Text),
    sa.Column("notes", sa.Text),
    sa.Column("kind", sa.Text, nullable=False, server_default="person"),  # or household, company
    sa.Column("region", sa.Text),
    # What the screen pop shows of the tables below, as JSON: a caller waits for one row, not for five queries.
    sa.Column("card", sa.Text),
    sa.Column("created_at", sa.BigInteger, nullable=False),
)

# One customer has many numbers, and one number may be many customers'.
customer_numbers = sa.Table(
    "customer_numbers",
    metadata,
    sa.Column("e164", sa.Text, primary_key=True),
    sa.Column(
        "customer_id",
        sa.ForeignKey("customers.id", ondelete="CASCADE"),
        primary_key=True,
        index=True,
    ),
    sa.Column("kind", sa.Text, nullable=False),  # own, home, work, shared, switchboard
)


def _detail(name: str, *columns: sa.Column[Any]) -> sa.Table:
    """A table of what a customer has several of; `id` names one among his own."""
    owner = sa.ForeignKey("customers.id", ondelete="CASCADE")
    return sa.Table(
        name,
        metadata,
        sa.Column("customer_id", owner, primary_key=True),
        sa.Column("id", sa.Text, primary_key=True),
        *columns,
    )


# Dates are days of a calendar and no instants: ISO text, which sorts as they do.
customer_addresses = _detail(
    "customer_addresses",
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("region", sa.Text),
)
customer_products = _detail(
    "customer_products",
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("installed_on", sa.Text),
    sa.Column("address", sa.Text),  # The id of one of his addresses.
)
customer_services = _detail(
    "customer_services",
    sa.Column("kind", sa.Text, nullable=False),  # repair, installation, work-order, visit …
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # open, done
    sa.Column("day", sa.Text),  # When it was done, or is to be.
    sa.Column("product", sa.Text),  # The id of one of his products.
)
promises = _detail(
    "promises",
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("owner", sa.Text),
    sa.Column("due_at", sa.BigInteger, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # See `acd.cases.promise`.
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("made_by", sa.Text),
    sa.Column("call", sa.Text),  # In which it was made.
    sa.Column("closed_at", sa.BigInteger),
    sa.Column("moved", sa.BigInteger, nullable=False, server_default="0"),  # How often.
    sa.Column("reopened", sa.BigInteger, nullable=False, server_default="0"),
)
sa.Index(
    "ix_promises_due",
    promises.c.due_at,
    sqlite_where=promises.c.state == "open",
    postgresql_where=promises.c.state == "open",
)
DETAILS = (customer_addresses, customer_products, customer_services, promises)

complaints = sa.Table(
    "complaints",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("customer_id", sa.Text, nullable=False, index=True),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("category", sa.Text),  # A code, such as a disposition.
    sa.Column("owner", sa.Text),  # A user.
    sa.Column("state", sa.Text, nullable=False),  # See `acd.cases.complaint`.
    sa.Column("due_at", sa.BigInteger, nullable=False),
    sa.Column("call", sa.Text),  # In which he complained.
    sa.Column("opened_at", sa.BigInteger, nullable=False),
    sa.Column("opened_by", sa.Text, nullable=False),
    sa.Column("answered_by", sa.Text),
    sa.Column("verified_by", sa.Text),
    sa.Column("ended_at", sa.BigInteger),
    sa.Column("changed_at", sa.BigInteger, nullable=False),
)
sa.Index(None, complaints.c.state, complaints.c.due_at)

# Who is to be called, and why. What is done stays, for the reports.
tasks = sa.Table(
    "tasks",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),  # promise, follow-up
    sa.Column("customer_id", sa.Text, index=True),
    sa.Column("number", sa.Text),  # E.164; None: one of the customer's.
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("subject", sa.Text),  # The id of the promise, among the customer's.
    sa.Column("agent", sa.Text),  # Whose it is; None: anybody's.
    sa.Column("queue", sa.Text),
    # open, done, dropped; of a follow-up also offered (an agent is shown it) and calling.
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("due_at", sa.BigInteger, nullable=False),  # Not before.
    sa.Column("outcome", sa.Text),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("changed_at", sa.BigInteger, nullable=False),
    sa.Column("list", sa.Text),  # Of follow-ups: the list they are on.
    sa.Column("attempts", sa.BigInteger),
    sa.Column("zone", sa.Text),  # By whose clock he may be called; null: the centre's.
    sa.Column("data", Json),  # For the agent's screen.
    sa.Column("tried_by", sa.Text),  # Who is shown it, or calls.
    sa.Column("tried_at", sa.BigInteger),
    sa.Column("call", sa.Text),
    sa.Column("note", sa.Text),
)
sa.Index(None, tasks.c.state, tasks.c.due_at)
sa.Index(None, tasks.c.list, tasks.c.state, tasks.c.due_at)

# Lists of those who are to be called, by a rule of the centre's file.
call_lists = sa.Table(
    "call_lists",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("rule", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("closed_at", sa.BigInteger),
)

# Who does not want to be called by any list.
do_not_call = sa.Table(
    "do_not_call",
    metadata,
    sa.Column("number", sa.Text, primary_key=True),  # E.164
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
)

# Who has changed what of a promise or a complaint, and when: only ever added to.
case_changes = sa.Table(
    "case_changes",
    metadata,
    sa.Column(  # In their order.
        "id",
        sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
        primary_key=True,
        autoincrement=True,
    ),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),  # promise
    sa.Column("customer_id", sa.Text),
    sa.Column("subject", sa.Text, nullable=False),  # Its id.
    sa.Column("by", sa.Text),  # A user; None: time, or the customer, by calling.
    sa.Column("what", sa.Text, nullable=False),  # made, kept, moved …
    sa.Column("call", sa.Text),  # During which.
    sa.Column("note", sa.Text),
    sqlite_autoincrement=True,
)
sa.Index(None, case_changes.c.customer_id, case_changes.c.at)

# What came in by other ways than a call of ours, as those who had it tell us.
contacts = sa.Table(
    "contacts",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),  # chat, email, wechat, sms, visit
    sa.Column("customer_id", sa.Text),
    sa.Column("number", sa.Text),  # E.164; one of these two is known.
    sa.Column("agent", sa.Text),
    sa.Column("queue", sa.Text),
    sa.Column("reason", sa.Text),
    sa.Column("outcome", sa.Text),
    sa.Column("summary", sa.Text),
)
sa.Index(None, contacts.c.customer_id, contacts.c.at)
sa.Index(None, contacts.c.number, contacts.c.at)

# Merges and splits, with the way back. Erasing a customer takes along those that name him.
customer_changes = sa.Table(
    "customer_changes",
    metadata,
    sa.Column(  # Only INTEGER counts by itself in SQLite.
        "serial",
        sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
        primary_key=True,
        autoincrement=True,
    ),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("what", sa.Text, nullable=False),  # merge, split
    sa.Column("kept", sa.Text, nullable=False, index=True),  # Who has since what was moved.
    sa.Column("gone", sa.Text, nullable=False, index=True),
    sa.Column("before", sa.Text, nullable=False),  # JSON: what was moved, and who is gone.
    sa.Column("undone_at", sa.BigInteger),
    sqlite_autoincrement=True,
)

# No foreign key to customers: a customer deleted during his call must not keep the call from being written.
calls = sa.Table(
    "calls",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("started_at", sa.BigInteger, nullable=False),
    sa.Column("number", sa.Text),  # E.164, if the caller's own words were a subscriber's number.
    sa.Column("number_raw", sa.Text),
    sa.Column("caller_name", sa.Text),
    sa.Column("dialled", sa.Text),
    sa.Column("confidence", sa.Text),
    sa.Column("customer_id", sa.Text),  # Only when the call can be told to be his.
    sa.Column("queue", sa.Text),
    sa.Column("queued_at", sa.BigInteger),
    sa.Column("agent", sa.Text),
    sa.Column("answered_at", sa.BigInteger),
    sa.Column("ended_at", sa.BigInteger),
    sa.Column("ending", sa.Text),
    sa.Column("reason", sa.Text),
    sa.Column("outcome", sa.Text),
    sa.Column("waited_ms", sa.BigInteger),
    sa.Column("talked_ms", sa.BigInteger),
    sa.Column("data", JsonOrNothing),  # What was noted with it for screens.
    # Who he is now in the facts, since he was erased: what is told of the call later is written so too.
    sa.Column("erased_as", sa.Text),
)
# What a call says of who called. The rest (queue, agent, times, outcome) says what we did.
OF_THE_CALLER = {
    "number": None,
    "number_raw": None,
    "caller_name": None,
    "customer_id": None,
    "data": None,
}


def called_out(conversation: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Whether an agent has called the customer; see `core.ids.dialled_call`. What was dialled is his number then."""
    return conversation.like("%:dialled~%")


FORGOTTEN: dict[str, Any] = {
    **OF_THE_CALLER,
    "dialled": sa.case((called_out(calls.c.id), None), else_=calls.c.dialled),
}
# The whole cost of recognising a repeat caller is one range of one of these two.
sa.Index(None, calls.c.number, calls.c.started_at)
sa.Index(None, calls.c.customer_id, calls.c.started_at)
sa.Index(
    "ix_calls_open",
    calls.c.started_at,
    sqlite_where=calls.c.ended_at.is_(None),
    postgresql_where=calls.c.ended_at.is_(None),
)

# What was said, in parts, each a file of the same name. The file is not here.
recordings = sa.Table(
    "recordings",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),  # See `acd.core.ids.recording_name`.
    sa.Column("call", sa.Text, nullable=False, index=True),
    sa.Column("part", sa.BigInteger, nullable=False),
    sa.Column("started_at", sa.BigInteger, nullable=False, index=True),
    sa.Column("ended_at", sa.BigInteger),
    sa.Column("queue", sa.Text),
    sa.Column("agent", sa.Text),  # Who had the call when it began.
    sa.Column("consent", sa.Boolean),  # Whether the caller has agreed; null: he was not asked.
    sa.Column("failed", sa.Boolean),
    sa.Column("channels", sa.BigInteger, nullable=False, server_default="1"),
    sa.Column("bytes", sa.BigInteger),  # Of the file, when it was whole.
    sa.Column("sha256", sa.Text),
    sa.Column("doomed_at", sa.BigInteger),  # Since when nobody may hear it; its file is to go.
)

# What callers were asked after a call, and what they answered; a row without a score says when somebody was asked.
surveys = sa.Table(
    "surveys",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("at", sa.BigInteger, nullable=False, index=True),
    sa.Column("customer_id", sa.Text),  # Only when it can be told to be his.
    sa.Column("number", sa.Text),
    sa.Column("call", sa.Text),
    sa.Column("queue", sa.Text),
    sa.Column("agent", sa.Text),  # Whom it is about.
    sa.Column("question", sa.Text),
    sa.Column("scale", sa.Text),
    sa.Column("score", sa.BigInteger),
    sa.Column("source", sa.Text, nullable=False),  # keys, or as whoever told us says: sms …
    sa.Column("given_by", sa.Text),  # The user who told us.
)
sa.Index(None, surveys.c.customer_id, surveys.c.at)
sa.Index(None, surveys.c.number, surveys.c.at)

# What each agent does, since when, and for which call; who is logged in outlives our restart.
agent_shifts = sa.Table(
    "agent_shifts",
    metadata,
    sa.Column("agent", sa.Text, primary_key=True),
    sa.Column("logged_in", sa.Boolean, nullable=False),
    sa.Column("causes", Json, nullable=False),  # [[cause, reason], …]
    sa.Column("changed_at", sa.BigInteger, nullable=False),
    sa.Column("state", sa.Text),
    sa.Column("since", sa.BigInteger),
    sa.Column("detail", sa.Text),
    sa.Column("conversation", sa.Text),
    sa.Column("queue", sa.Text),
    sa.Column("wrap_up", sa.Text),  # Its mode, if he is in one.
    sa.Column("wrap_up_until", sa.BigInteger),
    sa.Column("undisposed", sa.Text),  # The call of which he owes a disposition.
    sa.Column("desk", sa.Text),  # Where he sits; nothing: at his own phone.
)

# What a supervisor has put in the place of the centre file's word; null: as it says.
agent_duties = sa.Table(
    "agent_duties",
    metadata,
    sa.Column("agent", sa.Text, primary_key=True),
    sa.Column("queues", Json),  # [queue, …]
    sa.Column("skills", Json),  # {skill: level, …}
    sa.Column("changed_at", sa.BigInteger, nullable=False),
)

# The calls that we owe: a row is gone when one is paid, or not owed any more. The body is `core.callback.Callback`.
# Who is erased leaves rows without number and body, for the engine to be told: whoever erases him may be no part of it.
callbacks = sa.Table(
    "callbacks",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("number", sa.Text, nullable=False),
    sa.Column("customer_id", sa.Text),
    sa.Column("body", Json, nullable=False),
)

# See `acd.reports.facts`. Its name is the key: told twice it is written once; and all facts of a kind
# lie in the order of time, which is how every report reads them.
facts = sa.Table(
    "facts",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("began_at", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("ended_at", sa.BigInteger, nullable=False),
    sa.Column("conversation", sa.Text, index=True),
    sa.Column("queue", sa.Text),
    sa.Column("agent", sa.Text),
    sa.Column("team", sa.Text),
    sa.Column("dialled", sa.Text),
    sa.Column("person", sa.Text),
    sa.Column("result", sa.Text),
    sa.Column("detail", sa.Text),
    sa.Column("body", Json),
    sqlite_with_rowid=False,
)
# Whether he called again: one range for each call. And all that names him, who is erased or made one with another.
sa.Index(
    None,
    facts.c.person,
    facts.c.kind,
    facts.c.began_at,
    sqlite_where=facts.c.person.is_not(None),
    postgresql_where=facts.c.person.is_not(None),
)

# What webhooks have still to tell; and what nobody took, for a while.
webhook_deliveries = sa.Table(
    "webhook_deliveries",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("body", sa.Text, nullable=False),  # As it is sent: a signature is over bytes.
    sa.Column("customer_id", sa.Text),
    sa.Column("number", sa.Text),
    sa.Column("state", sa.Text, nullable=False),  # waiting, dead
    sa.Column("attempts", sa.BigInteger, nullable=False),
    sa.Column("next_at", sa.BigInteger, nullable=False),
    sa.Column("error", sa.Text),
)
sa.Index(
    None,
    webhook_deliveries.c.target,
    webhook_deliveries.c.state,
    webhook_deliveries.c.next_at,
)

tokens = sa.Table(
    "tokens",
    metadata,
    sa.Column("hash", sa.Text, primary_key=True),  # SHA-256 in hex: the token itself is not kept.
    sa.Column("user_id", sa.Text, nullable=False, index=True),  # Users are in the centre file.
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("expires_at", sa.BigInteger, nullable=False),
    sa.Column("revoked_at", sa.BigInteger),
    sa.Column("key_name", sa.Text),  # Of a system's key; a log-in has none.
)
