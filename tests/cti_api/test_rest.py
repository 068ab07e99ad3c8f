"""Every route: who may, what comes back, and how no is said."""

from dataclasses import replace

import pytest
from pydantic import TypeAdapter

from acd.core import events
from acd.core.configuration import Desk as PhoneDesk
from acd.core.configuration import RecordWhen
from acd.core.disposition import Disposition
from acd.core.ids import DeskId
from acd.core.notices import Reason
from cti_api.app import shape_of
from cti_api.refusals import REFUSALS, Denial
from cti_api.shapes.access import Me, Session
from cti_api.shapes.agents import Agent
from cti_api.shapes.calls import Call, Candidate
from cti_api.shapes.centre import Readiness
from cti_api.shapes.queues import Queue
from cti_api.tokens import TOKEN_LIFE_MS
from tests.core.rules import with_rules
from tests.cti_api.desk import AGENTS, NUMBER, PASSWORD, Desk
from tests.play import NODE, START, call_id, centre

CALL = call_id("c1")
FORCED = {"action": "force-not-ready", "reason": "come and see me"}

# Method, path, body, and the status for: nobody, ana about herself, bob about ana, a supervisor.
# Ana is on shift and talks to the caller of c1.
MATRIX = [
    ("GET", "/v1/me", None, 401, 200, 200, 200),
    ("GET", "/v1/agents", None, 401, 200, 200, 200),
    ("GET", "/v1/agents/ana", None, 401, 200, 200, 200),
    ("GET", "/v1/agents/sol", None, 401, 404, 404, 200),
    ("GET", "/v1/agents/nobody", None, 401, 404, 404, 404),
    ("PUT", "/v1/agents/ana/shift", None, 401, 200, 403, 200),
    ("PUT", "/v1/agents/nobody/shift", None, 401, 403, 403, 404),
    ("DELETE", "/v1/agents/ana/shift", None, 401, 200, 403, 200),
    ("DELETE", "/v1/agents/sol/shift", None, 401, 403, 403, 409),
    ("PUT", "/v1/agents/ana/state", {"state": "ready"}, 401, 200, 403, 200),
    ("PUT", "/v1/agents/ana/state", {"state": "not-ready"}, 401, 200, 403, 200),
    ("PUT", "/v1/agents/sol/state", {"state": "ready"}, 401, 403, 403, 409),
    ("PUT", "/v1/agents/ana/state", {"state": "asleep"}, 401, 422, 422, 422),
    ("PUT", "/v1/agents/ana/state", {"state": "ready", "for": "ever"}, 401, 422, 422, 422),
    ("DELETE", "/v1/agents/ana/wrap-up", None, 401, 409, 403, 409),
    ("PUT", "/v1/agents/ana/wrap-up/extension", None, 401, 409, 403, 409),
    ("PUT", "/v1/agents/ana/do-not-disturb", None, 401, 200, 403, 200),
    ("DELETE", "/v1/agents/ana/do-not-disturb", None, 401, 200, 403, 200),
    ("POST", "/v1/agents/ana/force", FORCED, 401, 403, 403, 200),
    ("POST", "/v1/agents/sol/force", FORCED, 401, 403, 403, 409),
    ("POST", "/v1/agents/ana/force", {"action": "force-ready"}, 401, 422, 422, 422),
    ("PUT", "/v1/agents/ana/duties", {"queues": [], "reason": "r"}, 401, 403, 403, 200),
    ("PUT", "/v1/agents/ana/duties", {"queues": ["no"], "reason": "r"}, 401, 403, 403, 404),
    ("PUT", "/v1/agents/ana/duties", {"skills": {"no": 1}, "reason": "r"}, 401, 403, 403, 404),
    ("PUT", "/v1/agents/ana/duties", {"skills": {"a": 101}, "reason": "r"}, 401, 422, 422, 422),
    ("DELETE", "/v1/agents/ana/duties", None, 401, 403, 403, 200),
    ("GET", "/v1/audit", None, 401, 403, 403, 200),
    ("POST", "/v1/reload", None, 401, 403, 403, 403),
    ("GET", "/v1/reports/daily", None, 401, 403, 403, 404),  # Here is no ledger: see test_reports.
    ("GET", "/v1/reports/pay", None, 401, 403, 403, 403),
    ("GET", "/v1/reports/nothing", None, 401, 422, 422, 422),
    ("GET", "/v1/reports/daily/html", None, 401, 403, 403, 404),
    ("GET", "/v1/queues", None, 401, 200, 200, 200),
    ("GET", "/v1/queues/support", None, 401, 200, 200, 200),
    ("GET", "/v1/queues/sales", None, 401, 404, 404, 200),
    ("GET", "/v1/queues/support/dispositions", None, 401, 200, 200, 200),
    ("GET", "/v1/queues/sales/dispositions", None, 401, 404, 404, 200),
    ("GET", "/v1/calls", None, 401, 200, 200, 200),
    ("GET", f"/v1/calls/{CALL}", None, 401, 200, 404, 200),
    ("GET", "/v1/calls/none", None, 401, 404, 404, 404),
    ("GET", f"/v1/calls/{CALL}/why", None, 401, 403, 403, 200),
    ("GET", f"/v1/calls/{CALL}/why?agent=bob", None, 401, 403, 403, 200),
    ("GET", "/v1/calls/none/why", None, 401, 403, 403, 404),
    ("PUT", f"/v1/calls/{CALL}/outcome", {"outcome": "solved"}, 401, 200, 404, 200),
    ("PUT", f"/v1/calls/{CALL}/outcome", {"outcome": "Solved!"}, 401, 422, 422, 422),
    ("PUT", "/v1/calls/none/outcome", {"outcome": "solved"}, 401, 404, 404, 404),
    ("PUT", f"/v1/calls/{CALL}/requirement", {"requires": ""}, 401, 403, 403, 409),
    ("PUT", f"/v1/calls/{CALL}/requirement", {"requires": "a >"}, 401, 403, 403, 422),
    ("PUT", f"/v1/calls/{CALL}/requirement", {"requires": "a" * 501}, 401, 422, 422, 422),
    ("PUT", f"/v1/calls/{CALL}/priority", {"priority": 5}, 401, 403, 403, 409),
    ("PUT", f"/v1/calls/{CALL}/priority", {"priority": 101}, 401, 422, 422, 422),
    ("PUT", f"/v1/calls/{CALL}/priority", {"priority": "5"}, 401, 422, 422, 422),
    ("PUT", f"/v1/calls/{CALL}/queue", {"queue": "sales"}, 401, 403, 403, 409),
    ("PUT", f"/v1/calls/{CALL}/place", {"place": "first"}, 401, 403, 403, 409),
    ("PUT", f"/v1/calls/{CALL}/route", {"route": 1}, 401, 403, 403, 403),
    ("PUT", f"/v1/calls/{CALL}/place", {"place": "last"}, 401, 422, 422, 422),
    ("PUT", "/v1/calls/none/place", {"place": "first"}, 401, 403, 403, 404),
    ("GET", "/v1/customers?number=13800138000", None, 401, 403, 403, 404),
    ("GET", "/v1/customers", None, 401, 422, 422, 422),
    ("GET", "/v1/customers/C-1", None, 401, 404, 403, 404),
    ("PUT", "/v1/customers", {"customers": []}, 401, 403, 403, 404),
    ("PUT", "/v1/customers", {"customers": [{}]}, 401, 422, 422, 422),
    ("PUT", "/v1/contacts", {"contacts": []}, 401, 403, 403, 404),
    ("DELETE", f"/v1/calls/{CALL}/hold", None, 401, 409, 404, 409),
    ("PUT", f"/v1/calls/{CALL}/hold", None, 401, 200, 404, 200),
    ("PUT", f"/v1/calls/{CALL}/hold", None, 401, 409, 404, 409),
    ("POST", f"/v1/calls/{CALL}/tones", {"keys": "1"}, 401, 409, 404, 409),
    ("DELETE", f"/v1/calls/{CALL}/hold", None, 401, 200, 404, 200),
    ("POST", f"/v1/calls/{CALL}/tones", {"keys": "1"}, 401, 200, 404, 200),
    ("POST", f"/v1/calls/{CALL}/tones", {"keys": "1;2"}, 401, 422, 422, 422),
    ("POST", f"/v1/calls/{CALL}/transfer", {}, 401, 422, 422, 422),
    ("POST", f"/v1/calls/{CALL}/transfer", {"agent": "bob"}, 401, 409, 404, 409),
    ("POST", f"/v1/calls/{CALL}/transfer", {"agent": "x"}, 401, 404, 404, 404),
    ("POST", f"/v1/calls/{CALL}/transfer", {"queue": "x"}, 401, 404, 404, 404),
    ("POST", f"/v1/calls/{CALL}/consult", {}, 401, 422, 422, 422),
    ("POST", f"/v1/calls/{CALL}/consult", {"agent": "bob"}, 401, 409, 404, 409),
    ("POST", f"/v1/calls/{CALL}/consult", {"agent": "x"}, 401, 404, 404, 404),
    ("POST", f"/v1/calls/{CALL}/consult", {"queue": "x"}, 401, 404, 404, 404),
    ("POST", f"/v1/calls/{CALL}/consult", {"queue": "sales"}, 401, 409, 404, 409),
    ("DELETE", f"/v1/calls/{CALL}/consult", None, 401, 409, 404, 409),
    ("POST", f"/v1/calls/{CALL}/consult/alternate", None, 401, 409, 404, 409),
    ("POST", f"/v1/calls/{CALL}/consult/complete", None, 401, 409, 404, 409),
    ("POST", f"/v1/calls/{CALL}/conference", None, 401, 409, 404, 409),
    ("DELETE", f"/v1/calls/{CALL}/parties/ana", None, 401, 404, 404, 404),
    ("PUT", f"/v1/calls/{CALL}/parties/ana/mute", None, 401, 404, 404, 404),
    ("DELETE", f"/v1/calls/{CALL}/parties/ana/mute", None, 401, 404, 404, 404),
    ("DELETE", f"/v1/calls/{CALL}", None, 401, 200, 404, 200),
    ("DELETE", f"/v1/calls/{CALL}", None, 401, 409, 404, 409),
    ("DELETE", "/v1/calls/none", None, 401, 404, 404, 404),
    ("POST", "/v1/ws-ticket", None, 401, 201, 201, 201),
    ("DELETE", "/v1/session", None, 401, 204, 204, 204),
    ("GET", "/v1/events", None, 426, 426, 426, 426),
    ("GET", "/v1/nothing", None, 404, 404, 404, 404),
    ("PATCH", "/v1/me", None, 405, 405, 405, 405),
    # Here are no books of cases: see test_cases.
    ("POST", "/v1/customers/C-1/promises", {"what": "call", "due_at": 1}, 401, 404, 403, 404),
    ("PUT", "/v1/customers/C-1/promises/p", {"state": "kept"}, 401, 404, 404, 404),
    ("PUT", "/v1/customers/C-1/promises/p", {"note": "n"}, 401, 422, 422, 422),
    ("GET", "/v1/customers/C-1/promises/p/changes", None, 401, 404, 404, 404),
    ("GET", "/v1/promises", None, 401, 404, 404, 404),
    ("GET", "/v1/promises?owner=ana", None, 401, 404, 403, 404),
    ("POST", "/v1/customers/C-1/complaints", {"what": "w", "due_at": 1}, 401, 404, 403, 404),
    ("GET", "/v1/complaints", None, 401, 404, 404, 404),
    ("GET", "/v1/complaints?owner=ana", None, 401, 404, 403, 404),
    ("GET", "/v1/complaints/k", None, 401, 404, 404, 404),
    ("GET", "/v1/complaints/k/changes", None, 401, 404, 404, 404),
    ("PUT", "/v1/complaints/k", {"state": "in-work"}, 401, 404, 404, 404),
    ("PUT", "/v1/complaints/k", {"state": "happy"}, 401, 422, 422, 422),
    ("GET", "/v1/tasks", None, 401, 404, 404, 404),
    ("PUT", "/v1/tasks/t/outcome", {"outcome": "reached"}, 401, 404, 404, 404),
    ("GET", "/health", None, 200, 200, 200, 200),
    ("GET", "/ready", None, 200, 200, 200, 200),
    ("GET", "/v1/openapi.json", None, 200, 200, 200, 200),
]


@pytest.mark.parametrize(("who", "column"), [(None, 0), ("ana", 1), ("bob", 2), ("sue", 3)])
async def test_every_route_knows_who_may(desk: Desk, who: str | None, column: int):
    await desk.ready("ana")
    desk.arrives("c1")
    desk.talks("c1")
    for method, path, body, *statuses in MATRIX:
        async with desk.client(who) as client:
            answer = await client.request(method, path, json=body)
        said = f"{method} {path} {body} by {who}: {answer.text}"
        assert answer.status_code == statuses[column], said
        assert answer.headers["x-content-type-options"] == "nosniff", said
        if answer.status_code >= 400:
            error = answer.json()["error"]
            assert set(error) == {"reason", "message"} and error["message"], said


async def test_why_says_who_has_it_and_what_keeps_the_others_from_it(desk: Desk):
    await desk.ready("ana", "bob")
    desk.arrives("c1")
    async with desk.client("sue") as client:
        told = (await client.get(f"/v1/calls/{CALL}/why")).json()
    TypeAdapter(list[Candidate]).validate_python(told, strict=True)
    assert told[0] == {"agent": "ana", "rule": None, "detail": "offered"}
    assert {one["agent"]: one["rule"] for one in told}["bob"] == "taken"


async def test_answers_are_what_openapi_says(desk: Desk):
    await desk.ready("ana", "bob")
    for name in ("c1", "c2", "c3"):
        desk.arrives(name)
    desk.talks("c1")
    answers = {
        "/v1/me": Me,
        "/v1/agents": list[Agent],
        "/v1/agents/ana": Agent,
        "/v1/queues": list[Queue],
        "/v1/queues/support": Queue,
        "/v1/calls": list[Call],
        f"/v1/calls/{CALL}": Call,
        "/ready": Readiness,
    }
    for who in ("ana", "sue"):
        async with desk.client(who) as client:
            for path, shape in answers.items():
                answer = await client.get(path)
                TypeAdapter(shape).validate_json(answer.text, strict=True)


async def test_the_examples_in_openapi_are_true_to_their_schemas(desk: Desk):
    shapes = desk.app.openapi()["components"]["schemas"]
    shown = {name: shape["example"] for name, shape in shapes.items() if "example" in shape}
    assert {"Call", "Agent", "Session"} <= set(shown)
    for name, example in shown.items():
        TypeAdapter(shape_of(name)).validate_python(example, strict=True)
    for path, methods in desk.app.openapi()["paths"].items():
        for method, route in methods.items():
            assert route["description"], (method, path)
            refused = [code for code in route["responses"] if code >= "400" and code != "503"]
            for code in refused:
                content = route["responses"][code]["content"]["application/json"]
                assert content["schema"] == {"$ref": "#/components/schemas/Error"}, (path, code)
                assert content["examples"], (path, code)


# Stepping in for a waiting call.


async def test_a_supervisor_steps_in_for_a_call_that_waits(desk: Desk):
    desk.arrives("c0")
    desk.arrives("c1")
    async with desk.client("sue") as client:
        told = (await client.get(f"/v1/calls/{CALL}")).json()
        assert told["allowed"] == [
            "set-requirement",
            "set-priority",
            "move-to-queue",
            "move-to-front",
            "write-data",
        ]
        told = (await client.put(f"/v1/calls/{CALL}/place", json={"place": "first"})).json()
        assert told["priority"] == 1
        told = (await client.put(f"/v1/calls/{CALL}/priority", json={"priority": 9})).json()
        assert told["priority"] == 9
        joined_at = told["joined_at"]
        desk.now += 5_000
        told = (await client.put(f"/v1/calls/{CALL}/queue", json={"queue": "sales"})).json()
        assert (told["queue"]["id"], told["joined_at"]) == ("sales", joined_at)
        refused = await client.put(f"/v1/calls/{CALL}/queue", json={"queue": "nowhere"})
        assert (refused.status_code, refused.json()["error"]["reason"]) == (404, "unknown-queue")


async def test_a_requirement_that_is_none_is_refused_with_what_to_do(desk: Desk):
    desk.arrives("c1")
    async with desk.client("sue") as client:
        for text, why in [("fridge >", "column 9"), ("klingon", "there is no skill 'klingon'")]:
            answer = await client.put(f"/v1/calls/{CALL}/requirement", json={"requires": text})
            assert answer.status_code == 422
            assert answer.json()["error"]["reason"] == "bad-requirement"
            assert why in answer.json()["error"]["message"]
        told = await client.put(f"/v1/calls/{CALL}/requirement", json={"requires": "  "})
        assert told.json()["requires"] == []


# Logging in.


async def test_logging_in_and_out(desk: Desk):
    async with desk.client() as client:
        answer = await client.post("/v1/session", json={"user": "ana", "password": PASSWORD})
        assert answer.status_code == 201
        session = TypeAdapter(Session).validate_json(answer.text, strict=True)
        assert session["agent"] == "ana" and session["role"] == "agent"
        assert session["expires_at"] == START + TOKEN_LIFE_MS
        headers = {"Authorization": f"Bearer {session['token']}"}
        assert (await client.get("/v1/me", headers=headers)).json()["user"] == "ana"
        assert (await client.delete("/v1/session", headers=headers)).status_code == 204
        assert (await client.get("/v1/me", headers=headers)).status_code == 401


async def test_a_token_is_good_for_a_shift_and_no_longer(desk: Desk):
    async with desk.client("ana") as client:
        desk.now += TOKEN_LIFE_MS - 1
        assert (await client.get("/v1/me")).status_code == 200
        desk.now += 1
        refused = await client.get("/v1/me")
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "Basic YTpi", "bearer \udcff"])
async def test_what_is_no_token_is_refused(desk: Desk, header: str):
    async with desk.client() as client:
        value = header.encode("utf-8", "surrogateescape")
        answer = await client.get("/v1/me", headers={b"Authorization": value})
    assert answer.status_code == 401


async def test_a_wrong_password_and_an_unknown_user_are_told_alike(desk: Desk):
    async with desk.client() as client:
        wrong = await client.post("/v1/session", json={"user": "ana", "password": "wrong"})
        unknown = await client.post("/v1/session", json={"user": "eve", "password": "wrong"})
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()
    assert wrong.json()["error"]["reason"] == "wrong-credentials"


@pytest.mark.slow
async def test_guessing_is_slowed_down_for_the_user_and_only_for_him(desk: Desk):
    guess = {"user": "ana", "password": "guess"}
    async with desk.client() as client:
        codes = [(await client.post("/v1/session", json=guess)).status_code for _ in range(6)]
        assert codes == [401] * 5 + [429]
        right = {"user": "ana", "password": PASSWORD}
        refused = await client.post("/v1/session", json=right)
        assert refused.status_code == 429 and refused.headers["retry-after"] == "12"
        assert refused.json()["error"]["message"].endswith("Try again in 12 s.")
        bob = {"user": "bob", "password": PASSWORD}
        assert (await client.post("/v1/session", json=bob)).status_code == 201
        desk.now += 12_000
        assert (await client.post("/v1/session", json=right)).status_code == 201


async def test_a_body_that_is_wrong_is_explained_without_repeating_it(desk: Desk):
    async with desk.client() as client:
        answer = await client.post("/v1/session", json={"user": "ana", "password": ["s3cret"]})
        assert answer.status_code == 422
        assert "password" in answer.json()["error"]["message"]
        assert "s3cret" not in answer.text
        assert (await client.post("/v1/session", content=b"{")).status_code == 422
        big = await client.post("/v1/session", json={"user": "ana", "password": "x" * 20_000})
        assert big.status_code == 413 and big.json()["error"]["reason"] == "too-large"


async def test_pages_of_other_origins_need_leave():
    desk = Desk(origins=["https://crm.example"])
    async with desk.client() as client:
        for origin, leave in [
            ("https://crm.example", "https://crm.example"),
            ("https://x.example", None),
        ]:
            answer = await client.get("/health", headers={"Origin": origin})
            assert answer.headers.get("access-control-allow-origin") == leave
        ask = {"Origin": "https://crm.example", "Access-Control-Request-Method": "GET"}
        for header in (
            "Authorization",
            "Content-Type",
            "Idempotency-Key",
            "Last-Event-ID",
            "Range",
            "If-Range",
        ):
            ask["Access-Control-Request-Headers"] = header
            assert (await client.options("/v1/me", headers=ask)).status_code == 200, header
        ask["Access-Control-Request-Headers"] = "X-Other"
        assert (await client.options("/v1/me", headers=ask)).status_code == 400
        answer = await client.get("/health", headers={"Origin": "https://crm.example"})
        read = answer.headers["access-control-expose-headers"].split(", ")
        assert {"Idempotency-Replayed", "Retry-After", "Content-Range", "ETag"} <= set(read)
    desk.switchboard.stop()


async def test_a_page_of_another_origin_that_has_leave_reads_every_no_and_every_fault(
    monkeypatch: pytest.MonkeyPatch,
):
    desk = Desk(origins=["https://crm.example"])

    async def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(desk.switchboard, "submit", fail)
    async with desk.client("ana") as client:
        page = {"Origin": "https://crm.example"}
        said = {
            500: await client.put("/v1/agents/ana/shift", headers=page),
            404: await client.get("/v1/nothing", headers=page),
            405: await client.put("/v1/agents/ana", headers=page),
            413: await client.post("/v1/session", headers=page, content=b"x" * 20_000),
            401: await client.get("/v1/me", headers=page | {"Authorization": "Bearer x"}),
        }
    for status, answer in said.items():
        assert answer.status_code == status, answer.text
        assert answer.headers["access-control-allow-origin"] == "https://crm.example", status
        assert answer.headers["x-content-type-options"] == "nosniff", status
        assert answer.json()["error"]["message"], status
    desk.switchboard.stop()


# What is shown, to whom.


async def test_a_number_is_masked_for_those_who_have_no_part_in_the_call(desk: Desk):
    desk.arrives("c1", caller="Fang")
    async with desk.client("ana") as client:
        waiting = (await client.get(f"/v1/calls/{CALL}")).json()
    assert waiting["caller"]["number"] == "+86138****1234"
    assert waiting["caller"]["name"] == "" and waiting["caller"]["customers"] == []
    assert waiting["caller"]["contact_number"] is None and waiting["caller"]["earlier"] == []
    async with desk.client("sol") as client:
        assert (await client.get("/v1/calls")).json() == []
    await desk.ready("ana")
    async with desk.client("ana") as client:
        offered = (await client.get(f"/v1/calls/{CALL}")).json()
    assert offered["phase"] == "offered" and offered["caller"]["number"] == NUMBER
    assert offered["caller"]["customers"][0]["name"] == "王芳"
    assert offered["caller"]["contact_number"] == 2
    assert offered["caller"]["last_contact"]["agent"] == {"id": "bob", "name": "Bob"}
    assert offered["caller"]["last_contact"]["queue"] == {"id": "support", "name": "Support"}
    async with desk.client("bob") as client:
        assert NUMBER not in (await client.get("/v1/calls")).text


async def test_a_colleague_sees_the_state_and_neither_call_nor_cause(desk: Desk):
    await desk.ready("ana")
    desk.arrives("c1")
    async with desk.client("bob") as client:
        ana = (await client.get("/v1/agents/ana")).json()
        everybody = (await client.get("/v1/agents")).json()
    assert ana["state"] == "offered" and ana["call"] is None and ana["device"] is None
    assert ana["causes"] == [] and ana["allowed"] == []
    assert [agent["id"] for agent in everybody] == ["ana", "bob"]


# What is done.


async def test_a_caller_is_held_and_handed_on(desk: Desk):
    await desk.ready("ana")
    desk.arrives("c1")
    desk.talks("c1")
    async with desk.client("ana") as client:
        held = (await client.put(f"/v1/calls/{CALL}/hold")).json()
        assert held["held_since"] == desk.now
        assert held["allowed"] == [
            "retrieve",
            "transfer",
            "consult",
            "clear",
            "record-outcome",
            "write-data",
        ]
        again = await client.put(f"/v1/calls/{CALL}/hold")
        assert again.json()["error"]["reason"] == "on-hold"
        await desk.ready("sol")
        to_sol = {"agent": "sol"}
        gone = (await client.post(f"/v1/calls/{CALL}/transfer", json=to_sol)).json()
        assert (gone["phase"], gone["agent"], gone["held_since"]) == ("offered", "sol", None)
        assert gone["allowed"] == ["record-outcome"]
        desk.talks("c1")
        outcome = await client.put(f"/v1/calls/{CALL}/outcome", json={"outcome": "follow-up"})
        assert outcome.json()["agent"] == "ana"
        not_hers = await client.delete(f"/v1/calls/{CALL}")
        assert not_hers.json()["error"]["reason"] == "unknown-call"
    async with desk.client("sol") as client:
        call = (await client.get(f"/v1/calls/{CALL}")).json()
        assert (call["agent"], call["phase"]) == ("sol", "talking")


async def test_each_who_is_in_a_call_is_shown_what_he_may_do_with_it(desk: Desk):
    await desk.ready("ana")
    desk.arrives("c1")
    desk.talks("c1")
    await desk.ready("bob")
    async with desk.client("ana") as ana, desk.client("bob") as bob:
        asked = (await ana.post(f"/v1/calls/{CALL}/consult", json={"agent": "bob"})).json()
        assert asked["parties"] == [{"agent": "bob", "state": "ringing", "muted": False}]
        assert asked["allowed"] == [
            "cancel-consult",
            "remove-party",
            "clear",
            "record-outcome",
            "write-data",
        ]
        pop = (await bob.get(f"/v1/calls/{CALL}")).json()
        assert pop["caller"]["number"] == NUMBER and pop["allowed"] == ["leave", "write-data"]
        desk.comes("c1")
        assert (await bob.get("/v1/me")).json()["view"]["state"] == "busy-consult"
        talk = (await ana.get(f"/v1/calls/{CALL}")).json()
        assert talk["allowed"] == [
            "alternate",
            "complete-consult",
            "cancel-consult",
            "conference",
            "remove-party",
            "mute-party",
            "clear",
            "record-outcome",
            "write-data",
        ]
        for path in ("consult/alternate", "consult/complete", "conference"):
            not_his = await bob.post(f"/v1/calls/{CALL}/{path}")
            assert not_his.json()["error"]["reason"] == "not-your-call"
        two = await ana.put(f"/v1/calls/{CALL}/hold")
        assert two.json()["error"]["reason"] == "consulting"
        assert (await ana.put(f"/v1/calls/{CALL}/parties/bob/mute")).status_code == 200
        three = (await ana.post(f"/v1/calls/{CALL}/conference")).json()
        assert three["parties"] == [{"agent": "bob", "state": "joined", "muted": True}]
        assert "unmute-party" in three["allowed"] and "transfer" not in three["allowed"]
        left = await bob.delete(f"/v1/calls/{CALL}/parties/bob")
        assert left.status_code == 200 and left.json()["allowed"] == []
        assert (await ana.get(f"/v1/calls/{CALL}")).json()["parties"] == []


async def test_a_shift_from_its_beginning_to_its_end(desk: Desk):
    async with desk.client("ana") as client:
        agent = (await client.get("/v1/agents/ana")).json()
        assert (agent["state"], agent["allowed"]) == ("logged-out", ["log-in"])
        agent = (await client.put("/v1/agents/ana/shift")).json()
        assert (agent["state"], agent["causes"]) == (
            "not-ready",
            [{"cause": "manual", "reason": "logged-in"}],
        )
        assert "become-ready" in agent["allowed"] and "log-in" not in agent["allowed"]
        agent = (await client.put("/v1/agents/ana/state", json={"state": "ready"})).json()
        assert agent["state"] == "ready"
        assert agent["allowed"] == ["become-not-ready", "set-do-not-disturb", "log-out"]
        desk.arrives("c1")
        desk.talks("c1")
        pause = {"state": "not-ready", "reason": "午饭"}
        agent = (await client.put("/v1/agents/ana/state", json=pause)).json()
        assert (agent["state"], agent["pending"]) == ("busy-acd", "not-ready")
        call = (await client.get(f"/v1/calls/{CALL}")).json()
        assert call["allowed"] == [
            "hold",
            "transfer",
            "send-tones",
            "consult",
            "clear",
            "record-outcome",
            "write-data",
        ]
        desk.hangs_up("c1")
        agent = (await client.get("/v1/me")).json()["view"]
        assert agent["state"] == "wrap-up" and "finish-wrap-up" in agent["allowed"]
        outcome = await client.put(f"/v1/calls/{CALL}/outcome", json={"outcome": "solved"})
        assert outcome.json() == {"call": CALL, "agent": "ana", "outcome": "solved"}
        agent = (await client.delete("/v1/agents/ana/wrap-up")).json()
        assert agent["state"] == "not-ready" and agent["causes"][0]["reason"] == "午饭"
        agent = (await client.delete("/v1/agents/ana/shift")).json()
        assert agent["state"] == "logged-out"


async def test_an_agent_logs_in_at_a_desk_of_the_centre_file():
    window = PhoneDesk(id=DeskId("desk-12"), name="Window 12", device="PJSIP/desk12")
    desk = Desk(replace(centre(AGENTS), desks={window.id: window}))
    async with desk.client("ana") as client:
        agent = (await client.put("/v1/agents/ana/shift", json={"desk": "desk-12"})).json()
        assert (agent["desk"], agent["device"]) == ("desk-12", "PJSIP/desk12")
        listed = {"id": "desk-12", "name": "Window 12", "taken": True, "agent": "ana"}
        assert (await client.get("/v1/desks")).json() == [listed]
        assert (await client.put("/v1/agents/ana/shift", json={})).json()["desk"] == "desk-12"
        agent = (await client.delete("/v1/agents/ana/shift")).json()
        assert (agent["desk"], agent["device"]) == (None, "PJSIP/ana")
        assert (await client.get("/v1/desks")).json() == [listed | {"taken": False, "agent": None}]


@pytest.mark.slow
async def test_what_is_allowed_is_never_refused(desk: Desk):
    ways = {
        "log-in": ("PUT", "shift", None),
        "log-out": ("DELETE", "shift", None),
        "become-ready": ("PUT", "state", {"state": "ready"}),
        "become-not-ready": ("PUT", "state", {"state": "not-ready"}),
        "finish-wrap-up": ("DELETE", "wrap-up", None),
        "extend-wrap-up": ("PUT", "wrap-up/extension", None),
        "set-do-not-disturb": ("PUT", "do-not-disturb", None),
        "lift-do-not-disturb": ("DELETE", "do-not-disturb", None),
    }

    async def bring(desk: Desk, state: str) -> None:
        if state != "logged-out":
            await desk.ready("ana")
        if state in ("offered", "busy-acd", "wrap-up"):
            desk.arrives("c1")
        if state in ("busy-acd", "wrap-up"):
            desk.talks("c1")
        if state == "wrap-up":
            desk.hangs_up("c1")

    states = ("logged-out", "ready", "offered", "busy-acd", "wrap-up")
    for state in states:
        for action, (method, resource, body) in ways.items():
            fresh = Desk()
            await bring(fresh, state)
            async with fresh.client("ana") as client:
                before = (await client.get("/v1/agents/ana")).json()
                answer = await client.request(method, f"/v1/agents/ana/{resource}", json=body)
            fresh.switchboard.stop()
            fresh.services.feed.close()
            assert before["state"] == state
            if action in before["allowed"]:
                assert answer.status_code == 200, (state, action)
                assert answer.json() != before, (state, action)
            else:
                same = {k: v for k, v in before.items() if k != "since"}
                refused = answer.status_code == 409
                assert refused or same.items() <= answer.json().items(), (state, action)


async def test_a_supervisor_forces_and_changes_and_it_can_be_read_who_it_was(desk: Desk):
    await desk.ready("ana")
    async with desk.client("sue") as sue, desk.client("ana") as ana:
        agent = (await sue.post("/v1/agents/ana/force", json=FORCED)).json()
        assert agent["causes"] == [{"cause": "supervisor", "reason": "come and see me"}]
        assert "become-ready" not in agent["allowed"] and "force-ready" in agent["forcible"]
        refused = await ana.put("/v1/agents/ana/state", json={"state": "ready"})
        assert refused.status_code == 409
        assert refused.json()["error"]["reason"] == "held-by-supervisor"
        desk.now += 1
        pause = {"state": "not-ready", "reason": "lunch"}
        await sue.put("/v1/agents/ana/state", json=pause)
        desk.now += 1
        duties = {"queues": ["sales", "sales"], "reason": "short"}
        agent = (await sue.put("/v1/agents/ana/duties", json=duties)).json()
        assert (agent["queues"], agent["duties"]) == (["sales"], "changed")
        desk.now += 1
        agent = (await sue.delete("/v1/agents/ana/duties?reason=enough")).json()
        assert (agent["queues"], agent["duties"]) == (["support"], "file")
        acts = (await sue.get("/v1/audit?agent=ana")).json()
        said = [(act["action"], act["reason"], act["detail"]) for act in acts]
        assert said == [
            ("change-duties", "enough", "as the file says"),
            ("change-duties", "short", "queues: sales"),
            ("become-not-ready", "lunch", ""),
            ("force-not-ready", "come and see me", ""),
        ]
        assert {act["by"] for act in acts} == {"sue"}
        older = (await sue.get(f"/v1/audit?before={acts[0]['at']}&limit=1")).json()
        assert older == [acts[1]]


async def test_the_outcome_is_for_the_agent_who_had_the_call(desk: Desk):
    desk.arrives("c1")
    async with desk.client("sue") as client:
        path = f"/v1/calls/{CALL}/outcome"
        early = await client.put(path, json={"outcome": "solved"})
        assert early.status_code == 409 and early.json()["error"]["reason"] == "not-answered"
        await desk.ready("ana")
        desk.talks("c1")
        desk.hangs_up("c1")
        assert (await client.put(path, json={"outcome": "solved"})).json()["agent"] == "ana"
    async with desk.client("bob") as client:
        assert (await client.put(path, json={"outcome": "solved"})).status_code == 404


async def test_a_disposition_is_chosen_from_the_tree_before_wrap_up_ends():
    tree = {
        "solved": Disposition(code="solved", name="Solved"),
        "complaint": Disposition(code="complaint", name="Complaint", is_reason=True),
        "late": Disposition(code="late", name="Too late", above="complaint", is_reason=True),
    }
    desk = Desk(replace(centre(AGENTS, must_dispose=True), dispositions=tree))
    desk.arrives("c1")
    await desk.ready("ana")
    desk.talks("c1")
    desk.hangs_up("c1")
    path = f"/v1/calls/{CALL}/outcome"
    async with desk.client("ana") as ana:
        agent = (await ana.get("/v1/agents/ana")).json()
        assert agent["undisposed"] == CALL and "finish-wrap-up" not in agent["allowed"]
        kept = await ana.delete("/v1/agents/ana/wrap-up")
        assert kept.status_code == 409 and kept.json()["error"]["reason"] == "not-disposed"
        found = (await ana.get("/v1/queues/support/dispositions")).json()
        assert found["required"]
        assert [one["code"] for one in found["dispositions"] if one["choose"]] == ["solved", "late"]
        wrong = await ana.put(path, json={"outcome": "complaint"})
        assert wrong.status_code == 422
        assert wrong.json()["error"] == {
            "reason": "unknown-disposition",
            "message": "outcome: complaint is divided further: late.",
        }
        assert (await ana.put(path, json={"outcome": "late"})).status_code == 200
        assert (await ana.delete("/v1/agents/ana/wrap-up")).json()["state"] == "ready"


async def test_who_handed_the_caller_on_says_what_came_of_his_part_also_when_it_is_over():
    tree = {"solved": Disposition(code="solved", name="Solved")}
    desk = Desk(replace(centre(AGENTS, must_dispose=True), dispositions=tree))
    desk.arrives("c1")
    await desk.ready("ana")
    desk.talks("c1")
    first = desk.leg("c1")
    async with desk.client("ana") as ana:
        await ana.post(f"/v1/calls/{CALL}/transfer", json={"queue": "support"})
        desk.tell(events.LegEnded(at=desk.now, channel=first, cause=16))
        await desk.ready("bob")
        desk.talks("c1")
        desk.hangs_up("c1")
        said = await ana.put(f"/v1/calls/{CALL}/outcome", json={"outcome": "solved"})
        assert said.status_code == 200 and said.json()["agent"] == "ana"


# Operations and faults.


async def test_ready_says_which_asterisk_is_not_heard(desk: Desk):
    async with desk.client() as client:
        assert (await client.get("/ready")).json()["ready"] is True
        desk.tell(events.NodeLost(at=desk.now, node=NODE))
        answer = await client.get("/ready")
    assert answer.status_code == 503
    nodes = {"nodes": {"pbx1": False}, "missing": ["pbx1"]}
    counts = {"faults": 0, "unrecorded": 0}
    state = {"database": "written", "outbound": "none", "redis": None}
    assert answer.json() == {"ready": False, **nodes, **counts, **state}


async def test_a_recording_that_fails_is_counted_where_people_look():
    desk = Desk(with_rules(centre(AGENTS), record=RecordWhen.ALWAYS))
    await desk.ready("ana")
    desk.arrives("c1")
    desk.talks("c1")
    desk.tell(events.RecordingFailed(at=desk.now, call=call_id("c1"), part=1))
    async with desk.client() as client:
        assert (await client.get("/ready")).json()["unrecorded"] == 1


async def test_a_fault_of_ours_is_logged_and_only_its_id_is_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    async def fail(*_: object) -> None:
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr(desk.switchboard, "submit", fail)
    async with desk.client("ana") as client:
        answer = await client.put("/v1/agents/ana/shift")
    assert answer.status_code == 500 and "secret" not in answer.text
    error = answer.json()["error"]
    assert error["reason"] == "fault"
    assert error["message"].split()[-1] in caplog.text and "the secret of" in caplog.text


def test_every_reason_has_its_status_and_sentence():
    assert set(REFUSALS) == {*Reason, *Denial}
    assert all(refusal.message.endswith(".") for refusal in REFUSALS.values())
