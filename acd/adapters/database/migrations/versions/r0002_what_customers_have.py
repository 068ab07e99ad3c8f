"""Customers have addresses, products, services, promises, and contacts by other ways than calls; calls a reason."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

DETAILS: dict[str, list[sa.Column[Any]]] = {
    "customer_addresses": [
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("region", sa.Text()),
    ],
    "customer_products": [
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("installed_on", sa.Text()),
        sa.Column("address", sa.Text()),
    ],
    "customer_services": [
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("day", sa.Text()),
        sa.Column("product", sa.Text()),
    ],
    "promises": [
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text()),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
    ],
}


def upgrade() -> None:
    """Nothing that is there is changed."""
    op.add_column(
        "customers", sa.Column("kind", sa.Text(), nullable=False, server_default="person")
    )
    op.add_column("customers", sa.Column("region", sa.Text()))
    op.add_column("customers", sa.Column("card", sa.Text()))
    op.add_column("calls", sa.Column("reason", sa.Text()))
    for name, columns in DETAILS.items():
        op.create_table(
            name,
            sa.Column("customer_id", sa.Text(), nullable=False),
            sa.Column("id", sa.Text(), nullable=False),
            *columns,
            sa.ForeignKeyConstraint(
                ["customer_id"],
                ["customers.id"],
                name=f"fk_{name}_customer_id_customers",
                ondelete="CASCADE",
            ),
            sa.PrimaryKeyConstraint("customer_id", "id", name=f"pk_{name}"),
        )
    op.create_table(
        "contacts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        *(
            sa.Column(name, sa.Text())
            for name in ("customer_id", "number", "agent", "queue", "reason", "outcome", "summary")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_contacts"),
    )
    op.create_index("ix_contacts_customer_id_at", "contacts", ["customer_id", "at"])
    op.create_index("ix_contacts_number_at", "contacts", ["number", "at"])


def downgrade() -> None:
    """What the version before had no place for is lost."""
    op.drop_table("contacts")
    for name in reversed(DETAILS):
        op.drop_table(name)
    op.drop_column("calls", "reason")
    for name in ("card", "region", "kind"):
        op.drop_column("customers", name)
