"""What the API reads and writes in the database: one page for the engine's process and for those without an engine."""

from functools import partial
from typing import Any

from acd.adapters.database.audit import DatabaseAudit
from acd.adapters.database.books import DatabaseBooks
from acd.adapters.database.complaint_book import ComplaintBook
from acd.adapters.database.connection import Database
from acd.adapters.database.customer_book import CustomerBook
from acd.adapters.database.customer_desk import CustomerDesk
from acd.adapters.database.directory import Directory
from acd.adapters.database.follow_up_book import FollowUpBook
from acd.adapters.database.last_moments import LastMoments
from acd.adapters.database.numbers import read_dialled
from acd.adapters.database.past_calls import DatabasePastCalls
from acd.adapters.database.promise_book import PromiseBook
from acd.adapters.database.survey_book import SurveyBook
from acd.adapters.database.task_book import TaskBook
from acd.cases.news import CaseTeller
from acd.serving import Access
from acd.settings import Settings
from cti_api.ports import Cases
from cti_api.reports import Reports


def follow_up_book(
    settings: Settings,
    database: Database,
    ledger: LastMoments,
    access: Access,
    teller: CaseTeller,
) -> FollowUpBook:
    """With the rules of the centre's file as it is now."""
    return FollowUpBook(
        database,
        ledger,
        region=settings.region,
        zone=settings.time_zone,
        rules=lambda: access.centre.follow_ups,
        teller=teller,
    )


def books_for(
    settings: Settings,
    database: Database,
    ledger: LastMoments,
    directory: Directory,
    access: Access,
    teller: CaseTeller,
) -> dict[str, Any]:
    """By the names under which `create_app` takes them."""
    return {
        "past_calls": DatabasePastCalls(database, ledger),
        "audit": DatabaseAudit(database, ledger),
        "reports": Reports(
            DatabaseBooks(database),
            zone=settings.time_zone,
            pay_rule=lambda: access.centre.pay_rule,
        ),
        "customers": CustomerDesk(CustomerBook(database), directory, region=settings.region),
        "cases": Cases(
            promises=PromiseBook(database, ledger, teller),
            complaints=ComplaintBook(database, ledger),
            tasks=TaskBook(database, teller),
            surveys=SurveyBook(database, ledger),
            follow_ups=follow_up_book(settings, database, ledger, access, teller),
        ),
        "read_number": partial(read_dialled, region=settings.region),
    }
