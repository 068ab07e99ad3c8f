"""What callers think of their calls: by keys and over the API, to ledger, reports and screen; and forgotten."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from acd.adapters.database.books import DatabaseBooks
from acd.adapters.database.complaint_book import ComplaintBook
from acd.adapters.database.connection import Database
from acd.adapters.database.customer_book import CustomerBook
from acd.adapters.database.customer_desk import CustomerDesk
from acd.adapters.database.directory import Directory
from acd.adapters.database.ledger import Ledger
from acd.adapters.database.privacy import Privacy
from acd.adapters.database.promise_book import PromiseBook
from acd.adapters.database.survey_book import SurveyBook
from acd.adapters.database.task_book import TaskBook
from acd.adapters.sound import Folder
from acd.core.customer import DAY_MS
from acd.core.events import KeyPressed, LegEnded
from acd.reports.calendar import Interval
from acd.reports.formula import Terms
from acd.reports.names import Names
from acd.reports.pages import daily
from acd.reports.questions import Key, Only, Question
from acd.reports.render import as_json
from cti_api.ports import Cases
from tests.core.test_surveying import MENU, RULE
from tests.cti_api.desk import AGENTS, NUMBER, SECOND_TIME, WANG, Desk
from tests.cti_api.lists import no_lists
from tests.play import START, call_id, centre, channel

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = date(2025, 6, 15)


@pytest.fixture
async def kept(tmp_path: Path) -> AsyncIterator[tuple[Database, Ledger]]:
    database = Database(f"sqlite:///{tmp_path / 'surveys.db'}")
    await database.open()
    ledger = Ledger(database, region="CN", gather_s=3600, soon_s=3600)
    await ledger.start()
    yield database, ledger
    await ledger.stop()
    await database.close()


async def test_from_a_key_to_the_report_the_screen_and_oblivion(
    kept: tuple[Database, Ledger], tmp_path: Path
):
    database, ledger = kept
    directory = Directory(database, region="CN", ledger=ledger, agent_names={})
    customers = CustomerDesk(CustomerBook(database), directory, region="CN")
    number = {"number": NUMBER, "kind": "mobile"}
    await customers.put([{"id": WANG.id, "name": "王芳", "numbers": [number]}], at=START)
    cases = Cases(
        promises=PromiseBook(database, ledger),
        complaints=ComplaintBook(database, ledger),
        tasks=TaskBook(database),
        surveys=SurveyBook(database, ledger),
        follow_ups=no_lists(database, ledger),
    )
    configuration = centre(AGENTS, menus={MENU.id: MENU}, survey=RULE)
    desk = Desk(configuration, cases=cases, customers=customers)
    desk.switchboard.listen(lambda notices: [ledger.hear(notice) for notice in notices])
    await desk.ready("ana")
    desk.arrives("c1", identity=SECOND_TIME)
    desk.talks("c1")
    desk.now += 60_000
    desk.tell(LegEnded(at=desk.now, channel=desk.leg("c1"), cause=16))
    async with desk.client("ana") as ana:
        shown = (await ana.get(f"/v1/calls/{call_id('c1')}")).json()
        assert (shown["phase"], shown["allowed"]) == ("survey", ["record-outcome", "write-data"])
    desk.tell(KeyPressed(at=desk.now, channel=channel("c1"), key="2"))
    desk.now += 1_000
    desk.hangs_up("c1")

    # Another question, by SMS; each once.
    sms = {"call": call_id("c1"), "question": "solved", "scale": "nps", "score": 10}
    async with desk.client("ana") as ana:
        denied = await ana.post("/v1/surveys", json={**sms, "source": "sms"})
        assert denied.status_code == 403, "nobody tells what is thought of himself"
        assert (await ana.get("/v1/surveys")).status_code == 403
    async with desk.client("sue") as sue:
        desk.now += 1
        told = await sue.post("/v1/surveys", json={**sms, "source": "sms"})
        assert told.status_code == 201 and told.json()["agent"] == "ana", told.text
        again = await sue.post("/v1/surveys", json={**sms, "source": "sms"})
        assert again.json()["error"]["reason"] == "not-now"
        for wrong in ({"score": 11}, {"scale": "csat"}, {"customer": "C-1"}, {"queue": "sales"}):
            answer = await sue.post("/v1/surveys", json={**sms, "source": "sms", **wrong})
            assert answer.status_code == 422, wrong
        nobody = {"scale": "csat", "score": 5, "source": "sms"}
        unknown = await sue.post("/v1/surveys", json={**nobody, "customer": "C-9"})
        assert unknown.json()["error"]["reason"] == "unknown-customer"
        unknown = await sue.post("/v1/surveys", json={**nobody, "call": "pbx1:9"})
        assert unknown.json()["error"]["reason"] == "unknown-call"
        given = await sue.post("/v1/surveys", json={**nobody, "number": "010 6555 1234"})
        assert given.status_code == 422, "this desk reads no number that is not in full"
        listed = (await sue.get("/v1/surveys", params={"agent": "ana"})).json()
        assert [(one["score"], one["source"]) for one in listed] == [(10, "sms"), (2, "keys")]
        record = (await sue.get(f"/v1/customers/{WANG.id}")).json()
        assert [one["score"] for one in record["scores"]] == [10, 2]

    await ledger.flush()
    span = Interval(began_at=START - DAY_MS, ended_at=START + DAY_MS, label="")
    sums = await DatabaseBooks(database).sums(
        [span], by=[Key.AGENT], only=Only(), terms=Terms(), as_of=desk.now
    )
    his = sums[0, "ana"]
    assert his.scores == {("csat", 2): 1, ("nps", 10): 1}
    assert his.surveys == {"answered": 1}
    assert (his.talks, his.talk_ms) == (1, 60_000), "the survey is no part of the talk"
    question = Question(first=DAY, last=DAY, zone=SHANGHAI, as_of=desk.now)
    page = await daily(DatabaseBooks(database), question, Names(agents={"ana": "Ana"}))
    assert "What callers think: By agent" in as_json(page)

    found = await directory.recognise(NUMBER, at=desk.now + 1, window_ms=DAY_MS)
    assert found.identity.surveyed_at == desk.now
    assert found.background.last_score is not None and found.background.last_score.score == 10

    privacy = Privacy(database, region="CN", sounds=Folder(tmp_path))
    person = await privacy.whose(customer=WANG.id, number=None)
    assert len((await privacy.export(person))["surveys"]) == 3
    assert (await privacy.erase(person))["surveys"] == 3
    found = await directory.recognise(NUMBER, at=desk.now + 1, window_ms=DAY_MS)
    assert found.identity.surveyed_at is None
    sums = await DatabaseBooks(database).sums(
        [span], by=[Key.AGENT], only=Only(), terms=Terms(), as_of=desk.now
    )
    assert sums[0, "ana"].scores.total() == 2, "what was thought is nobody's, and still counts"
