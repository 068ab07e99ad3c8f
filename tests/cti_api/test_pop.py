"""The screen pop: everything about a caller in one payload, by role, and what comes late comes by itself."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from pydantic import TypeAdapter

from acd.centre.reminders import Reminder, When
from acd.core import events
from acd.core.customer import Contact
from acd.core.events import Entry
from acd.core.ids import AgentId, CallId
from acd.pop import HIDEABLE, Background, Profile, Score
from cti_api.feed import Audience
from cti_api.masks import Masks
from cti_api.shapes.calls import Call
from cti_api.shapes.customers import CustomerRecord
from cti_api.wire import message_of
from tests.core.test_menus import MAIN
from tests.cti_api.desk import AGENTS, LAST, NUMBER, SECOND_TIME, WANG, Desk
from tests.play import START, call_id, centre, channel

CALL = call_id("c1")
PRODUCT = {"id": "F-1", "name": "冰箱", "installed_on": "2024-05-31", "address": "home"}
PROMISE = {
    "id": "p",
    "what": "call back",
    "owner": "bob",
    "due_at": START + 1,
    "state": "open",
    "created_at": START - 9,
    "reopened": 0,
}
COMPLAINT = {
    "id": "k",
    "what": "late",
    "category": None,
    "owner": None,
    "state": "open",
    "due_at": START + 1,
    "opened_at": START - 9,
}
REMINDERS = (
    Reminder(id="r", text="ask for the boiler", when=When(queues=("support",))),
    Reminder(id="g", text="gold", kind="offer", when=When(segments=("gold",)), reads=("segment",)),
)
CHAT = Contact(call=CallId("chat-1"), at=START - 90_000_000, channel="chat", reason="price")
BACKGROUND = Background(
    profiles={
        WANG.id: Profile(
            kind="household",
            region="华东",
            card={
                "addresses": [{"id": "home", "text": "上海市", "region": None}],
                "products": [PRODUCT],
                "promises": [PROMISE],
                "complaints": [COMPLAINT],
            },
        )
    },
    history=(LAST, CHAT),
    last_score=Score(at=1, question="would-tell", scale="nps", score=2),
)


def arrives(desk: Desk) -> None:
    desk.backgrounds.know(CALL, BACKGROUND)
    desk.arrives("c1")


def heard(desk: Desk, who: str, name: str) -> list[dict[str, Any]]:
    """The events of this name that a user is told of."""
    user = desk.users._users[who]
    sent = desk.services.feed.since(START * 1000, Audience(user=user)) or []
    frames = [json.loads(message_of(frame)) for frame in sent]
    return [frame for frame in frames if frame.get("event") == name]


async def test_the_pop_has_it_all_in_one_payload():
    desk = Desk(centre(AGENTS, menus={"main": MAIN}))
    await desk.ready("ana")
    desk.backgrounds.know(CALL, BACKGROUND)
    desk.tell(
        events.CallArrived(
            at=desk.now, channel=channel("c1"), entry=Entry.MENU, target="main", number=NUMBER
        )
    )
    desk.tell(events.CallerIdentified(at=desk.now, call=CALL, identity=SECOND_TIME))
    desk.tell(events.PromptsFinished(at=desk.now, call=CALL, playback=1))
    desk.tell(events.KeyPressed(at=desk.now, channel=channel("c1"), key="1"))
    (pop,) = heard(desk, "ana", "call-offered")
    call = pop["view"]
    TypeAdapter(Call).validate_python(call, strict=True)
    assert call["menus"] == ["main"] and call["queue"]["id"] == "support"
    assert pop["waited_ms"] == 0
    caller = call["caller"]
    assert caller["contact_number"] == 2 and caller["window_ms"] == 86_400_000
    assert caller["last_contact"] == caller["earlier"][0]
    assert [(one["channel"], one["reason"]) for one in caller["earlier"]] == [
        ("call", None),
        ("chat", "price"),
    ]
    (customer,) = caller["customers"]
    assert (customer["kind"], customer["region"]) == ("household", "华东")
    assert customer["products"] == [PRODUCT] and customer["promises"] == [PROMISE]
    assert customer["services"] == []
    assert caller["last_score"]["score"] == 2


async def test_the_agent_is_reminded_by_the_rules_there_are_and_not_of_what_he_may_not_see():
    masks = Masks({"agent": ["segment"]}, REMINDERS)
    desk = Desk(masks=masks)
    await desk.ready("ana")
    arrives(desk)
    (whole,), (part,) = (heard(desk, who, "call-offered") for who in ("sue", "ana"))
    TypeAdapter(Call).validate_python(part["view"], strict=True)
    assert [one["id"] for one in whole["view"]["caller"]["reminders"]] == ["r", "g"]
    assert part["view"]["caller"]["reminders"] == [
        {"id": "r", "kind": "reminder", "text": "ask for the boiler"}
    ]
    async with desk.client("bob") as bob:
        others = (await bob.get(f"/v1/calls/{CALL}")).text
        assert "boiler" not in others
    masks.use({}, ())
    async with desk.client("ana") as ana:
        assert (await ana.get(f"/v1/calls/{CALL}")).json()["caller"]["reminders"] == []


async def test_what_the_crm_says_late_pops_late(desk: Desk):
    await desk.ready("ana")
    arrives(desk)
    desk.backgrounds.learn(CALL, {"balance": "12.00"})
    for who in ("ana", "sue"):
        assert heard(desk, who, "call-offered")[0]["view"]["caller"]["crm"] is None
        (late,) = heard(desk, who, "caller-changed")
        assert late["view"]["caller"]["crm"] == {"balance": "12.00"}
        assert late["view"]["caller"]["customers"][0]["products"] == [PRODUCT]
    assert heard(desk, "bob", "caller-changed") == []


async def test_what_the_crm_says_in_time_is_in_the_pop(desk: Desk):
    arrives(desk)
    desk.backgrounds.learn(CALL, {"balance": "12.00"})
    await desk.ready("ana")
    assert heard(desk, "ana", "call-offered")[0]["view"]["caller"]["crm"] == {"balance": "12.00"}


async def test_what_is_over_is_forgotten(desk: Desk):
    arrives(desk)
    desk.switchboard.listen(desk.backgrounds.hear)
    desk.hangs_up("c1")
    assert desk.backgrounds.of(CALL) == Background()
    desk.backgrounds.learn(CALL, {"too": "late"})
    assert heard(desk, "sue", "caller-changed") == []


@pytest.mark.parametrize("name", HIDEABLE)
async def test_each_field_can_be_hidden_from_agents_alone(name: str):
    desk = Desk(masks=Masks({"agent": [name]}, REMINDERS))
    await desk.ready("ana")
    arrives(desk)
    desk.backgrounds.learn(CALL, {"balance": "12.00"})
    (whole,), (part,) = (heard(desk, who, "call-offered") for who in ("sue", "ana"))
    assert whole != part or name in ("services", "crm")
    callers = [heard(desk, who, "caller-changed")[0]["view"]["caller"] for who in ("sue", "ana")]
    if name != "services":
        assert callers[0] != callers[1]
    seen = json.dumps(part, ensure_ascii=False) + json.dumps(callers[1], ensure_ascii=False)
    secret = {
        "number": NUMBER,
        "name": "王芳",
        "segment": "gold",
        "notes": "锅炉",
        "region": "华东",
        "addresses": "上海市",
        "products": "冰箱",
        "promises": "call back",
        "contacts": "not-solved",
        "crm": "12.00",
        "scores": "would-tell",
        "reminders": "ask for the boiler",
    }.get(name)
    assert secret is None or secret not in seen
    async with desk.client("ana") as client:
        assert secret is None or secret not in (await client.get(f"/v1/calls/{CALL}")).text
        assert secret is None or secret not in (await client.get("/v1/me")).text


class Book:
    """Customers as the routes ask for them."""

    def __init__(self) -> None:
        self.taken: list[Mapping[str, Any]] = []

    async def put(self, rows: Sequence[Mapping[str, Any]], *, at: int) -> Mapping[str, Any]:
        self.taken += rows
        return {"new": len(rows), "changed": 0, "unchanged": 0, "problems": []}

    async def find(self, customer: str) -> dict[str, Any] | None:
        if customer != WANG.id:
            return None
        number = {"number": NUMBER, "kind": "mobile"}
        chat = dict.fromkeys(("agent", "queue", "reason", "outcome", "summary"))
        return {
            **dict.fromkeys(("segment", "language", "region", "notes")),
            **{"id": customer, "name": "王芳", "kind": "person", "created_at": 1},
            **{name: [] for name in ("addresses", "products", "services", "promises")},
            "numbers": [number],
            "scores": [],
            "contacts": [{"id": "1", "at": 1, "channel": "sms", "number": NUMBER, **chat}],
        }

    async def who_has(self, number: str, *, at: int) -> Sequence[str]:
        return [WANG.id]

    async def put_contacts(self, rows: Sequence[Mapping[str, Any]], *, at: int) -> Any:
        self.taken += rows
        return {"taken": len(rows), "problems": []}


async def test_customers_are_kept_by_supervisors_and_seen_by_who_serves_them():
    book = Book()
    desk = Desk(customers=book, masks=Masks({"agent": ["number", "name"]}))
    row = {"id": "C-1", "name": None, "numbers": [{"number": "1", "kind": "work"}]}
    async with desk.client("sue") as sue:
        put = await sue.put("/v1/customers", json={"customers": [row]})
        assert put.status_code == 200 and put.json()["new"] == 1
        assert book.taken == [row]  # What is not named is not there: it stays as it is.
        found = await sue.get("/v1/customers", params={"number": "13800138000"})
        assert found.json() == [WANG.id]
        record = await sue.get(f"/v1/customers/{WANG.id}")
        TypeAdapter(CustomerRecord).validate_python(record.json(), strict=True)
        assert (await sue.get("/v1/customers/nobody")).status_code == 404
    async with desk.client("ana") as ana:
        assert (await ana.get(f"/v1/customers/{WANG.id}")).status_code == 403
        await desk.ready("ana")
        desk.arrives("c1")
        hers = (await ana.get(f"/v1/customers/{WANG.id}")).json()
    assert hers["name"] == "王*"
    assert hers["numbers"][0]["number"] == hers["contacts"][0]["number"] == "+86138****1234"
    assert desk.switchboard.board.calls[CALL].ringing == (AgentId("ana"),)


async def test_much_at_once_is_taken_in_bulk_and_nowhere_else():
    desk = Desk(customers=Book())
    many = [{"id": f"C-{n}", "name": "x" * 200} for n in range(500)]
    async with desk.client("sue") as sue:
        assert (await sue.put("/v1/customers", json={"customers": many})).json()["new"] == 500
        more = await sue.put("/v1/customers", json={"customers": [*many, *many[:1]]})
        assert more.status_code == 422
        huge = await sue.put("/v1/customers", content=b" " * 3_000_000)
        assert huge.status_code == 413
        shift = await sue.put("/v1/agents/ana/state", content=b" " * 20_000)
        assert shift.status_code == 413
        contact = {"id": "1", "at": 1, "channel": "pigeon"}
        assert (await sue.put("/v1/contacts", json={"contacts": [contact]})).status_code == 422
        taken = await sue.put("/v1/contacts", json={"contacts": [contact | {"channel": "sms"}]})
        assert taken.json() == {"taken": 1, "problems": []}
