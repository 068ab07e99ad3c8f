"""A list from its filling to the report: drawn of a day's calls, shown to who is idle, called, and what came of it."""

from collections.abc import AsyncIterator, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from acd.adapters.database.books import DatabaseBooks
from acd.adapters.database.complaint_book import ComplaintBook
from acd.adapters.database.connection import Database
from acd.adapters.database.customer_book import CustomerBook
from acd.adapters.database.customer_desk import CustomerDesk
from acd.adapters.database.directory import Directory
from acd.adapters.database.follow_up_attempt import OWNERS_MS
from acd.adapters.database.follow_up_book import FollowUpBook
from acd.adapters.database.ledger import Ledger
from acd.adapters.database.numbers import read_dialled
from acd.adapters.database.privacy import Privacy
from acd.adapters.database.promise_book import PromiseBook
from acd.adapters.database.survey_book import SurveyBook
from acd.adapters.database.task_book import TaskBook
from acd.adapters.sound import Folder
from acd.cases.follow_up import FollowUpRule
from acd.core.commands import RingAgent
from acd.core.customer import DAY_MS
from acd.core.events import LegAnswered, LegBridged, LegEnded
from acd.core.ids import AgentId, CallId, ChannelId, OfferId, QueueId, caller_leg
from acd.core.notices import PreviewEnded
from acd.core.preview import PreviewOutcome
from acd.core.requests import LogOut
from acd.following_up import SAY_WITHIN_MS, SKIPPED_MS, FollowingUp
from acd.reports.calendar import Interval
from acd.reports.formula import Terms
from acd.reports.questions import Key, Only
from cti_api.ports import Cases
from tests.core.test_calling import calls_out
from tests.cti_api.desk import AGENTS, NUMBER, SECOND_TIME, WANG, Desk
from tests.play import START, call_id

SHANGHAI = ZoneInfo("Asia/Shanghai")
LI = "+861065551234"
RULE = FollowUpRule(
    id="check",
    queue=QueueId("support"),
    of_queue=QueueId("support"),
    why="Does it work?",
    outcomes=("solved",),
    attempts=2,
    begins_min=0,
    ends_min=24 * 60,
)


class Office:
    """A desk, its lists, and what hands them out."""

    def __init__(self, database: Database, ledger: Ledger) -> None:
        self.database, self.ledger = database, ledger
        self.rules = {RULE.id: RULE}
        self.directory = Directory(database, region="CN", ledger=ledger, agent_names={})
        self.customers = CustomerDesk(CustomerBook(database), self.directory, region="CN")
        self.book = FollowUpBook(
            database, ledger, region="CN", zone=SHANGHAI, rules=lambda: self.rules
        )
        cases = Cases(
            promises=PromiseBook(database, ledger),
            complaints=ComplaintBook(database, ledger),
            tasks=TaskBook(database),
            surveys=SurveyBook(database, ledger),
            follow_ups=self.book,
        )
        self.desk = Desk(
            calls_out(AGENTS, wrap_up_ms=0),
            cases=cases,
            customers=self.customers,
            read_number=lambda text: read_dialled(text, "CN"),
        )
        self.to_do: list[Coroutine[Any, Any, object]] = []
        self.following = FollowingUp(
            self.book,
            self.desk.switchboard,
            self.directory,
            self.desk.backgrounds,
            schedules=dict,
            teams=lambda agent: "early",
            zone=SHANGHAI,
            read_number=lambda text: read_dialled(text, "CN"),
            start=self.to_do.append,
        )
        self.desk.switchboard.listen(lambda notices: [ledger.hear(one) for one in notices])
        self.desk.switchboard.listen(self.following.hear)
        self.ended: list[PreviewEnded] = []
        self.desk.switchboard.listen(
            lambda notices: self.ended.extend(n for n in notices if isinstance(n, PreviewEnded))
        )

    async def look(self, seconds: float = 1) -> None:
        """Time passes, and who has nothing to do is looked for."""
        self.desk.now += round(seconds * 1000)
        self.desk.time()
        await self.written()
        await self.following.look()
        await self.written()

    async def written(self) -> None:
        while self.to_do:
            await self.to_do.pop(0)

    async def says(self, who: str, method: str, path: str, **json: Any) -> Any:
        async with self.desk.client(who) as client:
            answer = await client.request(method, f"/v1{path}", json=json or None)
        await self.written()
        return answer

    async def a_list(self, *entries: dict[str, Any]) -> str:
        made = await self.says("sue", "POST", "/follow-ups", rule="check", name="of Monday")
        assert made.status_code == 201, made.text
        name = str(made.json()["id"])
        if entries:
            path = f"/follow-ups/{name}/entries"
            filled = await self.says("sue", "POST", path, entries=list(entries))
            assert filled.status_code == 200, filled.text
        return name

    async def entry(self, name: str) -> dict[str, Any]:
        (one,) = (await self.says("sue", "GET", f"/follow-ups/{name}/entries")).json()
        return dict(one)

    async def accepts(self) -> CallId:
        """Ana calls whom she is shown."""
        shown = (await self.says("ana", "GET", "/agents/ana/preview")).json()
        answer = {"task": shown["task"], "answer": "accept"}
        said = await self.says("ana", "PUT", "/agents/ana/preview", **answer)
        assert said.status_code == 200, said.text
        return CallId(said.json()["call"])

    def dialled(self, call: CallId) -> ChannelId:
        """She has picked up, and his phone rings."""
        (leg,) = [
            ChannelId(one.offer)
            for one in self.desk.performed
            if isinstance(one, RingAgent) and one.call == call
        ]
        self.desk.tell(LegAnswered(at=self.desk.now, channel=leg))
        for channel in (leg, caller_leg(call)):
            self.desk.tell(LegBridged(at=self.desk.now, channel=channel, offer=OfferId(leg)))
        return leg

    def ends(self, leg: ChannelId, call: CallId, cause: int = 16) -> None:
        for channel in (caller_leg(call), leg):
            self.desk.tell(LegEnded(at=self.desk.now, channel=channel, cause=cause))


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    database = Database(f"sqlite:///{tmp_path / 'lists.db'}")
    await database.open()
    ledger = Ledger(database, region="CN", gather_s=3600, soon_s=3600)
    await ledger.start()
    yield Office(database, ledger)
    await ledger.stop()
    await database.close()


async def test_a_list_is_drawn_and_worked_off_to_the_last(office: Office):
    desk = office.desk
    number = {"number": NUMBER, "kind": "mobile"}
    await office.customers.put([{"id": WANG.id, "name": "王芳", "numbers": [number]}], at=START)
    await desk.ready("ana")
    desk.arrives("c1", identity=SECOND_TIME)
    desk.talks("c1")
    said = await office.says("ana", "PUT", f"/calls/{call_id('c1')}/outcome", outcome="solved")
    assert said.status_code == 200, said.text
    desk.hangs_up("c1")
    name = await office.a_list()
    fill = f"/follow-ups/{name}/fill"
    assert (await office.says("sue", "POST", fill, day="2025-06-14")).json()["taken"] == 0
    filled = await office.says("sue", "POST", fill, day="2025-06-15")
    assert filled.json() == {"taken": 1, "problems": []}
    again = await office.says("sue", "POST", fill, day="2025-06-15")
    assert again.json()["taken"] == 0, "nobody is on a list twice"

    await office.look(10)
    assert not desk.switchboard.board.agents["ana"].preview, "she has not been idle for long"
    await office.look(20)
    shown = (await office.says("ana", "GET", "/agents/ana/preview")).json()
    assert shown["why"] == "Does it work?" and shown["caller"]["customers"][0]["id"] == WANG.id
    agent = (await office.says("ana", "GET", "/agents/ana")).json()
    assert {"accept-preview", "skip-preview"} <= set(agent["allowed"])
    assert (await office.says("bob", "GET", "/agents/ana/preview")).status_code == 403
    await desk.ready("bob")
    await office.look(25)
    assert not desk.switchboard.board.agents["bob"].preview, "one is shown to one agent"

    # Nobody is there; later he is, and wants to be called at another time; then he is reached.
    call = await office.accepts()
    office.ends(office.dialled(call), call, cause=19)
    await office.look()
    entry = await office.entry(name)
    assert (entry["state"], entry["outcome"], entry["attempts"]) == ("open", "not-reached", 1)
    assert entry["due_at"] == desk.now + RULE.again_ms
    await office.look(RULE.again_ms / 1000 + 60)
    preview = desk.switchboard.board.agents["bob"].preview
    assert preview is not None, "he has been idle for longer"
    skip = {"task": preview.work.task, "answer": "skip", "reason": "lunch"}
    assert (await office.says("bob", "PUT", "/agents/bob/preview", **skip)).status_code == 200
    await desk.switchboard.submit(LogOut(by="bob", agent=AgentId("bob")))
    await office.look(SKIPPED_MS / 1000 + 1)
    call = await office.accepts()
    leg = office.dialled(call)
    desk.tell(LegAnswered(at=desk.now, channel=caller_leg(call)))
    desk.now += 30_000
    outcome = f"/tasks/{entry['id']}/outcome"
    wrong = await office.says("ana", "PUT", outcome, outcome="solved")
    assert wrong.status_code == 422, "that is none of a list"
    assert (await office.says("bob", "PUT", outcome, outcome="reached")).status_code == 404
    at = desk.now + DAY_MS
    said = await office.says("ana", "PUT", outcome, outcome="call-again", again_at=at)
    assert said.status_code == 200, said.text
    office.ends(leg, call)
    await office.look()
    entry = await office.entry(name)
    assert (entry["state"], entry["outcome"], entry["due_at"]) == ("open", "call-again", at)
    await office.look(DAY_MS / 1000)
    call = await office.accepts()
    leg = office.dialled(call)
    desk.tell(LegAnswered(at=desk.now, channel=caller_leg(call)))
    office.ends(leg, call)
    await office.look()
    assert (await office.entry(name))["state"] == "calling", "she may still say what came of it"
    await office.look(SAY_WITHIN_MS / 1000 + 1)
    assert (await office.entry(name))["state"] == "done"
    found = (await office.says("sue", "GET", f"/follow-ups/{name}")).json()
    assert (found["states"], found["outcomes"]) == ({"done": 1}, {"reached": 1})

    await office.ledger.flush()
    span = Interval(began_at=START - DAY_MS, ended_at=START + 9 * DAY_MS, label="")
    ask = DatabaseBooks(office.database).sums
    for key, value in ((Key.LIST, name), (Key.AGENT, "ana")):
        sums = await ask([span], by=[key], only=Only(), terms=Terms(), as_of=desk.now)
        assert sums[0, value].attempts == {"not-reached": 1, "call-again": 1, "reached": 1}
    sums = await ask([span], by=[], only=Only(), terms=Terms(), as_of=desk.now)
    assert (sums[(0,)].offered, sums[(0,)].calls) == (1, 1), "no call out spoils a queue's figures"


async def test_a_number_that_a_role_does_not_see_is_in_no_list_of_whom_to_call(office: Office):
    await office.desk.ready("ana")
    name = await office.a_list({"number": "010 6555 1234"})
    bar = {"number": "010 6555 0001"}
    assert (await office.says("sue", "POST", "/do-not-call", **bar)).status_code == 204
    everywhere = (("ana", "/tasks"), ("sue", "/tasks"), ("sue", f"/follow-ups/{name}/entries"))
    for who, path in (*everywhere, ("sue", "/do-not-call")):
        (one,) = (await office.says(who, "GET", path)).json()
        assert one["number"].startswith("+8610655"), path
    office.desk.services.feed.views.masks.use({"agent": ["number"], "supervisor": ["number"]})
    for who, path in (*everywhere, ("sue", "/do-not-call")):
        (one,) = (await office.says(who, "GET", path)).json()
        assert one["number"] in ("+8610****1234", "+8610****0001"), path


async def test_who_has_a_number_with_others_is_shown_himself_and_that_others_have_it(
    office: Office,
):
    shared, own = {"number": NUMBER, "kind": "mobile"}, {"number": LI, "kind": "home"}
    rows: list[dict[str, Any]] = [
        {"id": "C-1", "name": "王芳", "numbers": [shared]},
        {"id": "C-2", "name": "李伟", "numbers": [shared]},
        {"id": "C-3", "name": "王明", "numbers": [shared, own]},
    ]
    await office.customers.put(rows, at=START)
    name = await office.a_list({"customer": "C-2"}, {"customer": "C-3"})
    entries = (await office.says("sue", "GET", f"/follow-ups/{name}/entries")).json()
    called = {one["customer"]: one["number"] for one in entries}
    assert called == {"C-2": NUMBER, "C-3": LI}, "a number that is his alone comes first"
    await office.desk.ready("ana")
    await office.desk.ready("bob")
    await office.look(30)
    previews = [
        (await office.says(agent, "GET", f"/agents/{agent}/preview")).json()
        for agent in ("ana", "bob")
    ]
    others = {
        tuple(one["id"] for one in shown["caller"]["customers"]): shown["data"].get(
            "others_with_this_number"
        )
        for shown in previews
    }
    assert others == {("C-2",): "2", ("C-3",): None}


async def test_whose_number_is_somebody_elses_by_now_is_shown_himself(office: Office):
    number = {"number": NUMBER, "kind": "mobile"}
    await office.customers.put([{"id": "C-1", "name": "王芳"}], at=START)
    await office.customers.put([{"id": "C-2", "name": "李伟", "numbers": [number]}], at=START)
    await office.a_list({"customer": "C-1", "number": NUMBER})
    await office.desk.ready("ana")
    await office.look(30)
    shown = (await office.says("ana", "GET", "/agents/ana/preview")).json()
    assert [one["id"] for one in shown["caller"]["customers"]] == ["C-1"]
    assert shown["data"]["others_with_this_number"] == "1"


async def test_a_list_is_made_every_day_of_the_day_before_and_only_once(office: Office):
    desk = office.desk
    office.rules[RULE.id] = replace(RULE, outcomes=(), every_day=True)
    await desk.ready("ana")
    desk.arrives("c1", identity=SECOND_TIME)
    desk.talks("c1")
    desk.hangs_up("c1")
    await office.look()
    (before,) = (await office.says("sue", "GET", "/follow-ups")).json()
    assert (before["id"], before["states"]) == ("l-check-2025-06-14", {})
    await office.look(DAY_MS / 1000)
    for _ in range(2):
        await office.look()
        newest, _ = (await office.says("sue", "GET", "/follow-ups")).json()
        assert newest["id"] == "l-check-2025-06-15" and sum(newest["states"].values()) == 1
        office.following._made.clear()  # As after a restart.


async def test_who_does_not_want_to_be_called_is_not(office: Office):
    await office.desk.ready("ana")
    name = await office.a_list({"number": LI}, {"number": "010 6555 9999"}, {"customer": "C-9"})
    barred = await office.says("sue", "POST", "/do-not-call", number="010 6555 9999")
    assert barred.status_code == 204
    await office.look(30)
    call = await office.accepts()
    leg = office.dialled(call)
    office.desk.tell(LegAnswered(at=office.desk.now, channel=caller_leg(call)))
    task = (await office.says("sue", "GET", f"/follow-ups/{name}/entries?state=calling")).json()[0]
    path = f"/tasks/{task['id']}/outcome"
    assert (await office.says("ana", "PUT", path, outcome="do-not-call")).status_code == 200
    office.ends(leg, call)
    await office.look(60)
    assert not office.desk.switchboard.board.agents["ana"].preview
    found = (await office.says("sue", "GET", f"/follow-ups/{name}")).json()
    assert found["states"] == {"done": 1, "dropped": 1}
    listed = (await office.says("sue", "GET", "/do-not-call")).json()
    assert {one["number"] for one in listed} == {LI, "+861065559999"}
    other = await office.a_list({"number": LI})
    assert (await office.says("sue", "GET", f"/follow-ups/{other}")).json()["states"] == {}
    lifted = await office.says("sue", "POST", "/do-not-call/lift", number=LI)
    assert lifted.status_code == 204
    gone = await office.says("sue", "POST", "/do-not-call/lift", number=LI)
    assert gone.json()["error"]["reason"] == "not-listed"


async def test_windows_clocks_and_callers_come_first(office: Office):
    desk = office.desk  # It is 23:06 in Shanghai, and 16:06 in London.
    office.rules[RULE.id] = replace(RULE, begins_min=9 * 60, ends_min=20 * 60)
    await desk.ready("ana")
    name = await office.a_list({"number": LI})
    await office.look(60)
    assert not desk.switchboard.board.agents["ana"].preview
    await office.a_list({"number": "+861065551235", "zone": "Europe/London"})
    desk.arrives("c1")
    await office.look(30)
    assert not desk.switchboard.board.agents["ana"].preview
    desk.talks("c1")
    desk.hangs_up("c1")
    await office.look(30)
    assert desk.switchboard.board.agents["ana"].preview is not None
    desk.arrives("c2")  # A caller takes it from her screen.
    assert desk.switchboard.board.agents["ana"].preview is None
    assert (await office.says("sue", "DELETE", f"/follow-ups/{name}")).json()["closed_at"]
    path = f"/follow-ups/{name}/entries"
    late = await office.says("sue", "POST", path, entries=[{"number": LI}])
    assert late.json()["error"]["reason"] == "not-now"


async def test_a_promise_that_has_lapsed_is_its_owners_to_call_and_then_anybodys(office: Office):
    desk = office.desk
    office.rules[RULE.id] = replace(RULE, promises=True, attempts=1)
    number = {"number": NUMBER, "kind": "mobile"}
    await office.customers.put([{"id": WANG.id, "name": "王芳", "numbers": [number]}], at=START)
    said = {"what": "when the part is there", "owner": "bob", "due_at": desk.now + 60_000}
    path = f"/customers/{WANG.id}/promises"
    promise = (await office.says("sue", "POST", path, **said)).json()["id"]
    await desk.ready("ana")
    await office.look(60)
    assert desk.services.cases is not None
    assert await desk.services.cases.promises.lapse(at=desk.now) == 1
    await office.look(60)
    assert desk.switchboard.board.agents["ana"].preview is None, "it is bob's, who is not here"
    await office.look(OWNERS_MS / 1000)
    shown = (await office.says("ana", "GET", "/agents/ana/preview")).json()
    assert (shown["why"], shown["data"]["promise"]) == ("when the part is there", promise)
    call = await office.accepts()
    leg = office.dialled(call)
    await office.look()
    outcome = f"/tasks/{shown['task']}/outcome"
    assert (await office.says("bob", "PUT", outcome, outcome="reached")).status_code == 404
    done = (await office.says("ana", "PUT", outcome, outcome="reached")).json()
    assert (done["state"], done["outcome"], done["subject"]) == ("done", "reached", promise)
    office.ends(leg, call)
    await office.look()
    (standing,) = (await office.says("sue", "GET", "/follow-ups")).json()
    assert (standing["rule"], standing["outcomes"]) == ("check", {"reached": 1})
    kept = await office.says("sue", "PUT", f"{path}/{promise}", state="kept")
    assert kept.json()["state"] == "kept", "that they were called does not mean that it was"


async def test_whose_promise_is_settled_first_is_called_by_nobody(office: Office):
    desk = office.desk
    office.rules[RULE.id] = replace(RULE, promises=True)
    number = {"number": NUMBER, "kind": "mobile"}
    await office.customers.put([{"id": WANG.id, "name": "王芳", "numbers": [number]}], at=START)
    path = f"/customers/{WANG.id}/promises"
    for what in ("one thing", "another"):
        await office.says("sue", "POST", path, what=what, due_at=desk.now + 60_000)
    await office.look(60)
    assert desk.services.cases is not None
    await desk.services.cases.promises.lapse(at=desk.now)
    await office.look()  # They are on the list, and nobody is there.
    first, other = (await office.says("sue", "GET", "/tasks")).json()
    by_hand = await office.says("sue", "PUT", f"/tasks/{first['id']}/outcome", outcome="reached")
    assert by_hand.json()["state"] == "done"
    await office.says("sue", "PUT", f"{path}/{other['subject']}", state="kept")
    await desk.ready("ana")
    await office.look(60)
    assert desk.switchboard.board.agents["ana"].preview is None


@pytest.mark.parametrize("how", ["kept", "barred", "closed", "erased"])
async def test_who_need_not_be_called_any_more_goes_from_the_screen(office: Office, how: str):
    desk = office.desk
    office.rules[RULE.id] = replace(RULE, promises=True)
    number = {"number": NUMBER, "kind": "mobile"}
    await office.customers.put([{"id": WANG.id, "name": "王芳", "numbers": [number]}], at=START)
    path = f"/customers/{WANG.id}/promises"
    said = {"what": "the part", "due_at": desk.now + 60_000}
    promise = (await office.says("sue", "POST", path, **said)).json()["id"]
    await office.look(60)
    assert desk.services.cases is not None
    await desk.services.cases.promises.lapse(at=desk.now)
    await desk.ready("ana")
    await office.look(60)
    shown = (await office.says("ana", "GET", "/agents/ana/preview")).json()
    assert shown["data"]["promise"] == promise
    match how:
        case "kept":
            said = await office.says("sue", "PUT", f"{path}/{promise}", state="kept")
        case "barred":
            said = await office.says("sue", "POST", "/do-not-call", number=NUMBER)
        case "closed":
            said = await office.says("sue", "DELETE", f"/follow-ups/{shown['list']}")
        case "erased":
            privacy = Privacy(office.database, region="CN", sounds=Folder(Path()))
            await privacy.erase(await privacy.whose(customer=WANG.id, number=None))
            said = None
    assert said is None or said.is_success, said.text
    await office.look()
    assert desk.switchboard.board.agents["ana"].preview is None
    assert (office.ended[-1].outcome, office.ended[-1].reason) == (
        PreviewOutcome.TAKEN_BACK,
        "settled",
    )
    await office.look(3600)
    assert desk.switchboard.board.agents["ana"].preview is None, "and is nobody else's"


async def test_a_preview_that_is_lost_with_us_comes_again(office: Office):
    await office.desk.ready("ana")
    name = await office.a_list({"number": LI})
    await office.look(30)
    assert (await office.entry(name))["state"] == "offered"
    office.desk.switchboard.board.agents["ana"] = replace(
        office.desk.switchboard.board.agents["ana"], preview=None
    )
    await office.look(25)  # The same engine would say no; what matters is that he can be had.
    assert (await office.entry(name))["state"] == "open"


async def test_who_is_shown_while_his_list_is_closed_is_called_by_nobody_any_more(office: Office):
    await office.desk.ready("ana")
    name = await office.a_list({"number": LI})
    await office.look(30)
    shown = (await office.entry(name))["id"]
    assert (await office.says("sue", "DELETE", f"/follow-ups/{name}")).status_code == 200
    skip = {"task": shown, "answer": "skip", "reason": ""}
    assert (await office.says("ana", "PUT", "/agents/ana/preview", **skip)).status_code == 200
    await office.look()
    assert (await office.entry(name))["state"] == "dropped"
