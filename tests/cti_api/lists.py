"""The lists of a desk on which nobody is followed up, unless it says by which rules."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from acd.adapters.database.connection import Database
from acd.adapters.database.follow_up_book import FollowUpBook
from acd.adapters.database.ledger import Ledger
from acd.cases.follow_up import FollowUpRule


def no_lists(
    database: Database, ledger: Ledger, rules: Mapping[str, FollowUpRule] | None = None
) -> FollowUpBook:
    """A book."""
    zone = ZoneInfo("Asia/Shanghai")
    return FollowUpBook(database, ledger, region="CN", zone=zone, rules=lambda: rules or {})
