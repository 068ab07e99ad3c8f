"""Whatever is sent to the API, it answers as it is described: made up from that description, and checked by it."""

import asyncio
import json
import os
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

import httpx2
import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, settings

from acd.adapters.database.audit import DatabaseAudit
from acd.adapters.database.books import DatabaseBooks
from acd.adapters.database.complaint_book import ComplaintBook
from acd.adapters.database.connection import Database
from acd.adapters.database.customer_book import CustomerBook
from acd.adapters.database.customer_desk import CustomerDesk
from acd.adapters.database.directory import Directory
from acd.adapters.database.ledger import Ledger
from acd.adapters.database.past_calls import DatabasePastCalls
from acd.adapters.database.privacy import Privacy
from acd.adapters.database.promise_book import PromiseBook
from acd.adapters.database.survey_book import SurveyBook
from acd.adapters.database.task_book import TaskBook
from acd.adapters.sound import Folder
from acd.privacy_desk import PrivacyDesk, call_off
from acd.reports.pay import PayRule
from cti_api.ports import Cases
from cti_api.reports import Reports
from tests.adapters.database.conftest import Server
from tests.cti_api.api import described
from tests.cti_api.busy_desk import AGENTS, CALLS, QUEUES, busy_desk
from tests.cti_api.desk import PASSWORD, WANG, served
from tests.cti_api.lists import no_lists
from tests.reports.told import SHANGHAI

pytestmark = pytest.mark.slow

Result = TypeVar("Result")

EXAMPLES = 10  # Of each operation, besides those that are at the edges of what is allowed.

# Names of what there is: with others nearly everything would be answered with 404.
KNOWN: dict[str, list[str]] = {
    "path.agent": [*AGENTS, "nobody"],
    "path.call": [*CALLS, "pbx1:none"],
    "path.queue": [*QUEUES, "none"],
    "path.customer": [WANG.id, "C-0"],
    "query.tz": ["Asia/Shanghai", "nowhere"],
    "body.agent": [*AGENTS],
    "body.queue": [*QUEUES],
    "body.user": ["ana", "nobody"],
    "body.password": [PASSWORD],
}
# What no schema can say: an expression over skills, days in order, a time zone that exists, a moment to come, a number,
# a target.
SENSE = (
    "PUT /v1/calls/{call}/requirement",
    "POST /v1/calls",
    "POST /v1/callbacks",
    "POST /v1/calls/{call}/consult",
    "POST /v1/calls/{call}/transfer",
    "GET /v1/reports/{report}",
    "GET /v1/reports/{report}/{form}",
    "POST /v1/staffing",
    "POST /v1/staffing/{form}",
    "POST /v1/customers/{customer}/promises",
    "PUT /v1/customers/{customer}/promises/{promise}",
    "POST /v1/customers/{customer}/complaints",
    "PUT /v1/complaints/{complaint}",
    "PUT /v1/tasks/{task}/outcome",
    "POST /v1/surveys",
    "POST /v1/follow-ups/{call_list}/fill",
    "POST /v1/do-not-call",
    "POST /v1/do-not-call/lift",
    "POST /v1/calls/{call}/offers/{agent}/deflect",
    "POST /v1/calls/{call}/deflect",
)
_FINE = ["2xx", 401, 403, 404, 409]  # Of what is well-formed.


def _config() -> schemathesis.Config:
    return schemathesis.Config.from_dict(
        {
            "seed": 1,
            "generation": {
                "deterministic": True,
                "max-examples": EXAMPLES,
                "database": "none",
                "with-security-parameters": False,  # There is a token in every request.
            },
            "checks": {"positive_data_acceptance": {"expected-statuses": _FINE}},
            "dictionaries": {name: {"values": known} for name, known in KNOWN.items()},
            "parameters": {name: {"dictionary": name, "probability": 0.8} for name in KNOWN},
            "operations": [
                {
                    "include-name": name,
                    "checks": {"positive_data_acceptance": {"expected-statuses": [*_FINE, 422]}},
                }
                for name in SENSE
            ],
        }
    )


schema = (
    schemathesis.openapi.from_dict(described(), config=_config())
    .exclude(path="/v1/events/stream")  # It has no end: see test_event_stream.
    .exclude(path="/v1/events")  # It is a WebSocket: see test_socket_fuzz.
)


class Reception:
    """A server in a thread of its own, with a whole centre behind it that is as new for every request."""

    def __init__(self, database: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever)
        self._thread.start()
        self._stack = AsyncExitStack()
        self._parts: dict[str, Any] = {}
        self._app: FastAPI
        self.url = self._do(self._open(database))

    def _do(self, work: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    async def _open(self, url: str) -> str:
        database = Database(url)
        await database.open()
        self._stack.push_async_callback(database.close)
        ledger = Ledger(database, region="CN")
        await ledger.start()
        self._stack.push_async_callback(ledger.stop)
        directory = Directory(database, region="CN", ledger=ledger, agent_names={})
        customers = CustomerDesk(CustomerBook(database), directory, region="CN")
        await customers.put([{"id": WANG.id, "name": WANG.name}], at=0)
        self._parts = {
            "audit": DatabaseAudit(database, ledger),
            "past_calls": DatabasePastCalls(database, ledger),
            "customers": customers,
            "cases": Cases(
                promises=PromiseBook(database, ledger),
                complaints=ComplaintBook(database, ledger),
                tasks=TaskBook(database),
                surveys=SurveyBook(database, ledger),
                follow_ups=no_lists(database, ledger),
            ),
            "persons": PrivacyDesk(
                Privacy(database, region="CN", sounds=Folder(Path(os.devnull))),
                note=ledger.note,
                now_ms=lambda: 0,
                call_off=self._call_off,
            ),
            "reports": Reports(DatabaseBooks(database), zone=SHANGHAI, pay_rule=PayRule),
        }
        self._app = (await busy_desk(**self._parts)).app
        return f"http://{await self._stack.enter_async_context(served(self._app))}"

    async def _call_off(self, names: Sequence[str], by: str) -> None:
        await call_off(self._app.state.services.switchboard, names, by)

    async def _anew(self) -> str:
        self._app.state.services.switchboard.stop()
        self._app.state.services.feed.close()
        desk = await busy_desk(**self._parts)
        self._app.state.services = desk.services
        return await desk.token("root")  # Who may do most.

    def anew(self) -> str:
        """Let everything be as in the beginning; returns a token of one who may do all of it."""
        return self._do(self._anew())

    def close(self) -> None:
        """Leave nothing behind."""
        self._do(self._stack.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@pytest.fixture(scope="module")
def postgresql() -> Iterator[Server]:
    server = Server()
    yield server
    server.remove()


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.live)]
)
def reception(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Reception]:
    url = f"sqlite:///{tmp_path_factory.mktemp('database')}/cordboard.db"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql").new_database()
    reception = Reception(url)
    yield reception
    reception.close()


@pytest.mark.timeout(
    600
)  # Each answer of staffing is a process of its own: a busy machine needs its time.
@schema.parametrize()
@settings(suppress_health_check=list(HealthCheck))
def test_every_answer_is_as_documented(case: schemathesis.Case, reception: Reception) -> None:
    """No fault, no status or shape or header that is not documented, nothing malformed taken, nothing good refused."""
    headers = {"Authorization": f"Bearer {reception.anew()}"}
    case.call_and_validate(base_url=reception.url, headers=headers, timeout=60)


NUL = "a\x00b"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v1/audit?agent=a%00b", None),
        ("GET", f"/v1/audit?before={10**30}", None),
        ("GET", "/v1/customers?number=%00", None),
        ("GET", "/v1/customers/a%00b", None),
        ("GET", "/v1/promises?owner=a%00b", None),
        ("GET", f"/v1/customers/{WANG.id}/promises/a%00b/changes", None),
        ("PUT", "/v1/tasks/a%00b/outcome", {"outcome": "reached"}),
        ("GET", "/v1/agents/a%00b", None),
        ("GET", "/v1/calls/a%00b", None),
        ("GET", "/v1/calls/pbx1:talking/why?agent=a%00b", None),
        *(
            ("GET", f"/v1/reports/{report}?{only}=a%00b", None)
            for report in ("daily", "service", "abandoned", "overtaken", "pay")
            for only in ("queue", "team", "agent", "dialled", "tz")
        ),
        ("PUT", "/v1/calls/a%00b/outcome", {"outcome": "solved"}),
        ("PUT", "/v1/customers", {"customers": [{"id": NUL, "name": "x"}]}),
        ("PUT", "/v1/customers", {"customers": [{"id": "C-2", "name": NUL, "notes": NUL}]}),
        ("PUT", "/v1/customers", {"customers": [{"id": "C-2", "name": "\ud800"}]}),
        ("PUT", "/v1/contacts", {"contacts": [{"id": NUL, "at": 1, "channel": "sms"}]}),
        (
            "PUT",
            "/v1/contacts",
            {"contacts": [{"id": "1", "at": 1, "channel": "sms", "customer": NUL, "summary": NUL}]},
        ),
        ("POST", "/v1/session", {"user": NUL, "password": NUL}),
        ("POST", "/v1/session", {"user": "ana", "password": "\ud800"}),
    ],
)
def test_what_no_database_keeps_is_no_fault_of_ours(
    reception: Reception, method: str, path: str, body: object
) -> None:
    headers = {"Authorization": f"Bearer {reception.anew()}"}
    answer = httpx2.request(method, reception.url + path, headers=headers, content=json.dumps(body))
    assert answer.status_code < 500, answer.text
