"""What is owed to customers, over the API: who may make and change it, what is refused, and how it pops."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest
import sqlalchemy as sa

from acd.adapters.database.complaint_book import ComplaintBook
from acd.adapters.database.connection import Database
from acd.adapters.database.customer_book import CustomerBook
from acd.adapters.database.ledger import Ledger
from acd.adapters.database.listings import Listing
from acd.adapters.database.promise_book import PromiseBook
from acd.adapters.database.survey_book import SurveyBook
from acd.adapters.database.tables import customers, tasks
from acd.adapters.database.task_book import TaskBook
from acd.cases.news import CaseTeller, TaskChanged
from acd.closing_the_loop import close_the_loop, reopen
from acd.core.callback import UNDONE, Callback, CallbackEnded, CallbackId, CallbackOutcome
from acd.core.customer import DAY_MS
from acd.core.notices import CallerRecognised
from acd.core.outbound import Number, NumberKind
from acd.pop import Background
from cti_api.feed import Audience
from cti_api.interests import interest_in
from cti_api.ports import Cases
from cti_api.wire import message_of
from tests.cti_api.desk import SECOND_TIME, WANG, Desk
from tests.cti_api.lists import no_lists
from tests.play import NODE, START, SUPPORT, call_id

DUE = START + DAY_MS
PATH = f"/v1/customers/{WANG.id}/promises"


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'cases.db'}")
    await database.open()
    yield database
    await database.close()


@pytest.fixture
async def desk(database: Database) -> AsyncIterator[Desk]:
    ledger = Ledger(database, region="CN", gather_s=3600, soon_s=3600)
    await ledger.start()
    listing = Listing(id=WANG.id, fields={"name": WANG.name})
    await CustomerBook(database).put([listing], at=START)
    teller = CaseTeller()
    promises = PromiseBook(database, ledger, teller)
    complaints = ComplaintBook(database, ledger)
    desk = Desk(
        cases=Cases(
            promises=promises,
            complaints=complaints,
            tasks=TaskBook(database, teller),
            surveys=SurveyBook(database, ledger),
            follow_ups=no_lists(database, ledger),
        ),
        origins=["https://crm.example"],
    )
    teller.listen(desk.services.feed.case_changed)
    desk.switchboard.listen(lambda notices: [ledger.hear(notice) for notice in notices])
    yield desk
    await ledger.stop()


async def test_a_row_that_was_damaged_is_a_fault_and_a_page_of_another_origin_reads_its_id(
    desk: Desk, database: Database, caplog: pytest.LogCaptureFixture
):
    """On the wire: what stands around the routes is put there in the right order."""
    columns: dict[str, Any] = dict.fromkeys(("id", "kind", "what"), "t-1") | {"state": "open"}
    columns |= dict.fromkeys(("due_at", "created_at", "changed_at"), START)
    await database.write(lambda one: one.execute(tasks.insert().values(**columns)))
    broken = sa.text("UPDATE tasks SET data = '{\"half'")
    await database.write(lambda one: one.execute(broken))
    token = {"Authorization": f"Bearer {await desk.token('sue')}"}
    async with desk.server() as at, httpx2.AsyncClient(headers=token) as page:
        url, origin = f"http://{at}/v1/tasks", "https://crm.example"
        answer = await page.get(url, headers={"Origin": origin})
        elsewhere = await page.get(url, headers={"Origin": "https://evil.example"})
    assert (answer.status_code, elsewhere.status_code) == (500, 500)
    assert answer.headers["access-control-allow-origin"] == origin
    assert "access-control-allow-origin" not in elsewhere.headers
    fault = answer.json()["error"]["message"].split()[-1]
    assert f"fault {fault} in GET" in caplog.text


async def promised(desk: Desk, who: str = "sue", **said: Any) -> dict[str, Any]:
    async with desk.client(who) as client:
        answer = await client.post(PATH, json={"what": "call back", "due_at": DUE, **said})
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_who_has_him_on_the_line_promises_and_so_does_who_had_him(desk: Desk):
    async with desk.client("ana") as ana:
        assert (await ana.post(PATH, json={"what": "x", "due_at": DUE})).status_code == 403
    desk.arrives("c1")
    await desk.ready("ana")
    desk.talks("c1")
    first = await promised(desk, "ana", call=call_id("c1"))
    assert (first["owner"], first["made_by"], first["state"]) == ("ana", "ana", "open")
    desk.hangs_up("c1")
    after = await promised(desk, "ana")
    async with desk.client("bob") as bob:
        for what in ("put", "get"):
            ending, body = ("", {"json": {"state": "kept"}}) if what == "put" else ("/changes", {})
            hers = await getattr(bob, what)(f"{PATH}/{after['id']}{ending}", **body)
            nobodys = await getattr(bob, what)(f"{PATH}/p-none{ending}", **body)
            assert (hers.status_code, hers.content) == (404, nobodys.content), "he learns nothing"
        assert (await bob.get("/v1/promises")).json() == []
    async with desk.client("ana") as ana:
        mine = (await ana.get("/v1/promises?state=open")).json()
        assert [one["id"] for one in mine] == sorted([first["id"], after["id"]])


async def test_its_owner_keeps_it_wherever_the_customer_is(desk: Desk):
    made = await promised(desk, owner="bob")
    path = f"{PATH}/{made['id']}"
    async with desk.client("bob") as bob:
        kept = await bob.put(path, json={"state": "kept", "note": "he came"})
        assert kept.json()["state"] == "kept" and kept.json()["closed_at"] == desk.now
        again = await bob.put(path, json={"state": "broken"})
        assert again.status_code == 409 and again.json()["error"] == {
            "reason": "not-now",
            "message": "That cannot be done as it stands now: it is kept.",
        }
        changes = (await bob.get(f"{path}/changes")).json()
    assert [(one["what"], one["by"], one["note"]) for one in changes] == [
        ("made", "sue", None),
        ("kept", "bob", "he came"),
    ]


@pytest.mark.parametrize(
    ("said", "status", "reason"),
    [
        ({"due_at": START - 1}, 422, "invalid"),
        ({"due_at": START + 10 * 366 * DAY_MS}, 422, "invalid"),
        ({"owner": "nobody"}, 404, "unknown-agent"),
        ({"what": ""}, 422, "invalid"),
        ({"what": "a\x00b"}, 422, "invalid"),
        ({"what": "x" * 201}, 422, "invalid"),
    ],
)
async def test_what_cannot_be_promised_is_refused(desk: Desk, said, status, reason):
    async with desk.client("sue") as sue:
        body = {"what": "call back", "due_at": DUE, **said}
        answer = await sue.post(PATH, json=body)
        assert (answer.status_code, answer.json()["error"]["reason"]) == (status, reason)
        stranger = await sue.post("/v1/customers/C-9/promises", json={"what": "x", "due_at": DUE})
        assert stranger.json()["error"]["reason"] == "unknown-customer"
        assert (await sue.get("/v1/promises")).json() == []


async def test_a_lapsed_promise_is_its_owners_task(desk: Desk, database: Database):
    made = await promised(desk, owner="bob")
    desk.now = DUE
    cases = desk.services.cases
    assert await cases.promises.lapse(at=desk.now) == 1
    async with desk.client("ana") as ana:
        assert (await ana.get("/v1/tasks")).json() == []
    async with desk.client("bob") as bob:
        (task,) = (await bob.get("/v1/tasks")).json()
        assert (task["kind"], task["subject"], task["customer"]) == (
            "promise",
            made["id"],
            WANG.id,
        )
    path = f"/v1/tasks/{task['id']}/outcome"
    async with desk.client("ana") as ana:
        hers = await ana.put(path, json={"outcome": "reached"})
    async with desk.client("bob") as bob:
        assert (await bob.put(path, json={"outcome": "reached"})).json()["state"] == "done"
        assert (await bob.get("/v1/tasks")).json() == []
        unknown = await bob.put("/v1/tasks/t-no/outcome", json={"outcome": "reached"})
        assert unknown.json()["error"]["reason"] == "unknown-task"
        assert (hers.status_code, hers.content) == (404, unknown.content), "she learns nothing"


async def test_who_was_to_be_called_back_and_was_not_reached_is_owed_it_still(
    desk: Desk, database: Database
):
    """By nobody in particular, from then on: on his card when he calls again, and as a task."""
    hers = Callback(
        id=CallbackId("c0"),
        node=NODE,
        queue=SUPPORT,
        number=Number(digits="+8613812345678", kind=NumberKind.SUBSCRIBER),
        customer=WANG.id,
        asked_at=START,
        origin=call_id("c0"),
        arrived_at=START,
        joined_at=START,
    )
    heard: list[Any] = []
    begun: list[Any] = []
    loop = SimpleNamespace(listen=heard.append, now_ms=lambda: desk.now)
    close_the_loop(loop, desk.services.cases.promises, desk.backgrounds, begun.append)
    begun.pop().close()  # The look at what is due, which goes on for ever.
    (hear,) = heard
    for outcome in CallbackOutcome:
        for owed in (hers, replace(hers, customer=None)):
            desk.now += 1_000
            call = call_id(outcome.value)
            hear([CallbackEnded(at=desk.now, call=call, callback=owed, outcome=outcome)])
    for work in begun:
        await work
    async with desk.client("sue") as sue:
        listed = (await sue.get("/v1/promises")).json()
    due = [START + 1_000 + 2_000 * n for n, one in enumerate(CallbackOutcome) if one in UNDONE]
    said = [(one["what"], one["owner"], one["made_by"], one["call"]) for one in listed]
    assert said == [("call back", None, "cordboard", call_id("c0"))] * len(due)
    assert sorted(one["due_at"] for one in listed) == due
    asked = sa.select(customers.c.card).where(customers.c.id == WANG.id)
    card = json.loads(await database.read(lambda one: one.execute(asked).scalar()))
    assert {one["id"] for one in card["promises"]} == {one["id"] for one in listed}, "in the pop"
    assert await desk.services.cases.promises.lapse(at=desk.now) == len(due)
    async with desk.client("sue") as sue:
        tasks = (await sue.get("/v1/tasks")).json()
    assert {one["subject"] for one in tasks} == {one["id"] for one in listed}, "and is a task"
    assert {(one["kind"], one["customer"]) for one in tasks} == {("promise", WANG.id)}


async def test_who_calls_again_pops_with_what_was_taken_for_kept(desk: Desk):
    made = await promised(desk, owner="bob")
    async with desk.client("bob") as bob:
        await bob.put(f"{PATH}/{made['id']}", json={"state": "kept"})
    desk.now += 1
    desk.backgrounds.know(call_id("c1"), Background())
    desk.arrives("c1")
    identity = SECOND_TIME.under(SECOND_TIME.rule, desk.now)
    notice = CallerRecognised(at=desk.now, call=call_id("c1"), identity=identity, late=False)
    await reopen(notice, desk.services.cases.promises, desk.backgrounds)
    async with desk.client("sue") as sue:
        call = (await sue.get(f"/v1/calls/{call_id('c1')}")).json()
    (shown,) = call["caller"]["customers"][0]["promises"]
    assert (shown["id"], shown["state"], shown["reopened"]) == (made["id"], "open", 1)


async def test_what_becomes_of_a_promise_is_told_to_whom_it_concerns(desk: Desk):
    seq, cases = desk.services.feed.seq, desk.services.cases
    made = await promised(desk, owner="bob")
    desk.now = DUE
    await cases.promises.lapse(at=desk.now)
    path = f"{PATH}/{made['id']}"
    async with desk.client("sue") as sue:
        moved = await sue.put(path, json={"due_at": DUE + DAY_MS})
        assert moved.status_code == 200
    desk.now += DAY_MS
    await cases.promises.lapse(at=desk.now)
    async with desk.client("bob") as bob:
        (task,) = (await bob.get("/v1/tasks")).json()
        await bob.put(f"/v1/tasks/{task['id']}/outcome", json={"outcome": "reached"})
        await bob.put(path, json={"state": "kept"})
    told = await heard(desk, "sue", seq)
    assert [(one["event"], one.get("change", one["state"])) for one in told] == [
        ("promise-changed", "made"),
        ("promise-changed", "lapsed"),
        ("task-changed", "open"),
        ("promise-changed", "moved"),
        ("task-changed", "dropped"),
        ("promise-changed", "lapsed"),
        ("task-changed", "open"),
        ("task-changed", "done"),
        ("promise-changed", "kept"),
    ]
    assert told[0]["by"] == "sue" and told[1]["by"] is None
    assert (told[-1]["by"], told[-1]["state"], told[-1]["owner"]) == ("bob", "kept", "bob")
    assert await heard(desk, "bob", seq) == told, "it is his"
    assert await heard(desk, "ana", seq) == []
    anybodys = TaskChanged(at=desk.now, task="t-1", kind="promise", state="open", queue="support")
    desk.services.feed.case_changed(anybodys)
    for who in ("sue", "ana", "bob"):
        assert (await heard(desk, who, seq))[-1]["task"] == "t-1"


async def heard(desk: Desk, who: str, seq: int) -> list[dict[str, Any]]:
    """What this user was told of cases since then."""
    user = await desk.users.find(who)
    assert user is not None
    audience = Audience(user=user, interest=interest_in(["cases"], []))
    frames = desk.services.feed.since(seq, audience)
    assert frames is not None
    return [json.loads(message_of(frame)) for frame in frames]


COMPLAINTS = f"/v1/customers/{WANG.id}/complaints"
WRONG = {"what": "the fitter did not come", "category": "late", "due_at": DUE}


async def brought(desk: Desk, who: str, complaint: str, **said: Any) -> tuple[int, dict[str, Any]]:
    async with desk.client(who) as client:
        answer = await client.put(f"/v1/complaints/{complaint}", json=said)
    return answer.status_code, answer.json()


async def test_a_complaint_from_who_hears_it_to_who_finds_that_it_is_settled(desk: Desk):
    async with desk.client("ana") as ana:
        assert (await ana.post(COMPLAINTS, json=WRONG)).status_code == 403
        desk.arrives("c1")
        await desk.ready("ana")
        desk.talks("c1")
        told = await ana.post(COMPLAINTS, json={**WRONG, "owner": "bob", "call": call_id("c1")})
        assert told.status_code == 200, told.text
        name = told.json()["id"]
        assert (await ana.get("/v1/complaints")).json() == [], "she opened it and does not own it"
        assert (await ana.get(f"/v1/complaints/{name}")).json()["opened_by"] == "ana"
        assert (await brought(desk, "ana", name, state="in-work"))[0] == 403
    assert (await brought(desk, "sol", name, state="in-work"))[0] == 404, "he knows of none"
    assert (await brought(desk, "bob", name, state="in-work"))[0] == 200
    assert (await brought(desk, "bob", name, due_at=DUE + 1))[0] == 403
    assert (await brought(desk, "bob", name, state="withdrawn"))[0] == 403
    status, answered = await brought(desk, "bob", name, state="answered", note="he comes at 9")
    assert (status, answered["answered_by"]) == (200, "bob")
    assert (await brought(desk, "bob", name, state="verified"))[0] == 403
    assert (await brought(desk, "olga", name, state="closed"))[1]["error"] == {
        "reason": "not-now",
        "message": "That cannot be done as it stands now: "
        "it is answered, and can become in-work, verified.",
    }
    assert (await brought(desk, "olga", name, state="verified"))[1]["verified_by"] == "olga"
    status, closed = await brought(desk, "olga", name, state="closed")
    assert (status, closed["state"], closed["ended_at"]) == (200, "closed", desk.now)
    async with desk.client("sue") as sue:
        changes = (await sue.get(f"/v1/complaints/{name}/changes")).json()
    told_by = [(one["what"], one["by"]) for one in changes]
    assert told_by == [
        ("open", "ana"),
        ("in-work", "bob"),
        ("answered", "bob"),
        ("verified", "olga"),
        ("closed", "olga"),
    ]


async def test_nobody_verifies_what_he_has_answered(desk: Desk):
    async with desk.client("olga") as olga:
        name = (await olga.post(COMPLAINTS, json=WRONG)).json()["id"]
    for state in ("in-work", "answered"):
        assert (await brought(desk, "olga", name, state=state))[0] == 200
    status, refused = await brought(desk, "olga", name, state="verified")
    assert (status, refused["error"]["reason"]) == (403, "not-by-you")
    assert (await brought(desk, "sue", name, state="verified"))[0] == 200
    again = (await brought(desk, "sue", name, state="in-work", note="he called again"))[1]
    assert (again["answered_by"], again["verified_by"]) == (None, None)


async def test_the_back_office_sees_complaints_and_nothing_that_is_live(desk: Desk):
    desk.arrives("c1")
    async with desk.client("olga") as olga:
        assert (await olga.get("/v1/calls")).json() == []
        assert (await olga.get("/v1/agents")).json() == []
        assert (await olga.get(f"/v1/customers/{WANG.id}")).status_code == 403
        assert (await olga.get("/v1/promises")).status_code == 403
        made = (await olga.post(COMPLAINTS, json=WRONG)).json()
        assert [one["id"] for one in (await olga.get("/v1/complaints?state=open")).json()] == [
            made["id"]
        ]
        nobody = await olga.put(f"/v1/complaints/{made['id']}", json={"owner": "nobody"})
        assert nobody.status_code == 422 and "no such user" in nobody.json()["error"]["message"]
        unknown = await olga.get("/v1/complaints/k-no")
        assert unknown.json()["error"]["reason"] == "unknown-complaint"
