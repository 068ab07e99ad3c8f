"""What rings at an agent's phone is rejected and deflected over the API, by him or by a supervisor."""

import json
import re
from collections.abc import Sequence
from typing import Any, get_args

import msgspec

from acd.core import events
from acd.core.callback import CallbackRule
from acd.core.commands import PickUp, RingAgent
from acd.core.configuration import RemoteAnswer
from acd.core.ids import AgentId, CallId
from acd.core.requests import ConsultAgent
from cti_api.feed import Audience
from cti_api.shapes.agents import AgentAction, SupervisorAction
from cti_api.shapes.calls import CallAction
from cti_api.users import FixedUsers
from tests.core.rules import with_agent
from tests.cti_api.api import described
from tests.cti_api.desk import AGENTS, Desk, Listed, password_hash
from tests.cti_api.test_asyncapi import days_centre, whole_day
from tests.cti_api.test_events import heard, listening
from tests.cti_api.test_outbound import WANG, a_desk
from tests.cti_api.test_outsiders import number_picks_up
from tests.play import call_id, centre

CALL = f"/v1/calls/{call_id('c1')}"


def rung(desk: Desk) -> list[str]:
    return [str(one.agent) for one in desk.performed if isinstance(one, RingAgent)]


async def test_whose_phone_rings_sends_the_caller_away_and_sees_that_he_may(desk: Desk) -> None:
    await desk.ready("ana", "bob")
    async with (
        desk.server() as at,
        listening(desk, at, "ana") as ana,
        desk.client("ana") as by_ana,
        desk.client("bob") as by_bob,
    ):
        await heard(ana)
        desk.arrives("c1")
        (pop,) = [one for one in await heard(ana) if one.get("event") == "call-offered"]
        assert pop["view"]["allowed"] == ["reject", "deflect", "write-data"]
        assert (await by_bob.delete(f"{CALL}/offers/ana")).status_code == 403
        said = await by_ana.delete(f"{CALL}/offers/ana")
        assert said.status_code == 200 and said.json()["ringing"] == ["bob"]
        assert (await by_ana.delete(f"{CALL}/offers/ana")).status_code == 409
        assert rung(desk) == ["ana", "bob"]


async def test_a_supervisor_deflects_for_an_agent(desk: Desk) -> None:
    await desk.ready("ana", "sol")
    desk.arrives("c1")
    async with desk.client("sue") as sue:
        assert (await sue.get(CALL)).json()["allowed"] == ["reject", "deflect", "write-data"]
        said = await sue.post(f"{CALL}/offers/ana/deflect", json={"agent": "sol"})
        assert said.status_code == 200 and said.json()["ringing"] == ["sol"]
        said = await sue.post(f"{CALL}/offers/sol/deflect", json={"queue": "sales"})
        assert said.status_code == 200
        assert (said.json()["queue"]["id"], said.json()["phase"]) == ("sales", "waiting")


async def test_whose_phone_can_picks_up_by_the_screen_and_nobody_else() -> None:
    obedient = with_agent(centre(AGENTS), "ana", remote_answer=RemoteAnswer.TALK)
    obedient = with_agent(obedient, "bob", remote_answer=RemoteAnswer.TALK)
    desk = Desk(obedient)
    await desk.ready("ana")
    async with (
        desk.server() as at,
        listening(desk, at, "ana") as ana,
        listening(desk, at, "bob") as bob,
        listening(desk, at, "sue") as sue,
        desk.client("ana") as by_ana,
        desk.client("sue") as by_sue,
    ):
        for screen in (ana, bob, sue):
            await heard(screen)
        desk.arrives("c1")
        (pop,) = [one for one in await heard(ana) if one.get("event") == "call-offered"]
        assert pop["view"]["allowed"] == ["answer", "reject", "deflect", "write-data"]
        (told,) = [one for one in await heard(sue) if one.get("event") == "call-offered"]
        assert told["view"]["allowed"] == ["reject", "deflect", "write-data"]
        assert (await by_sue.post(f"{CALL}/answer")).status_code == 403
        said = await by_ana.post(f"{CALL}/answer")
        assert said.status_code == 200 and "answer" in said.json()["allowed"]
        assert [one.offer for one in desk.performed if isinstance(one, PickUp)] == [pop["offer"]]
        desk.talks("c1")
        late = await by_ana.post(f"{CALL}/answer")
        assert (late.status_code, late.json()["error"]["reason"]) == (409, "not-ringing")

        await desk.ready("sol", "bob")
        asked = ConsultAgent(by="ana", call=call_id("c1"), agent=AgentId("sol"))
        await desk.switchboard.submit(asked)
        async with desk.client("sol") as by_sol:
            assert (await by_sol.get(CALL)).json()["allowed"] == ["leave", "write-data"]
            no = await by_sol.post(f"{CALL}/answer")
        assert (no.status_code, no.json()["error"]["reason"]) == (409, "phone-cannot")
        await by_ana.delete(f"{CALL}/consult")
        await heard(bob)
        asked = ConsultAgent(by="ana", call=call_id("c1"), agent=AgentId("bob"))
        await desk.switchboard.submit(asked)
        (pop,) = [one for one in await heard(bob) if one.get("event") == "party-offered"]
        assert pop["view"]["allowed"] == ["answer", "leave", "write-data"]


async def test_a_caller_is_sent_on_to_a_number() -> None:
    desk = a_desk(users=some_users(), callback=CallbackRule())
    await desk.ready("ana")
    desk.arrives("c1")
    desk.arrives("c2")
    waiting = CALL.replace("c1", "c2")
    async with (
        desk.client("ana") as ana,
        desk.client("bob") as bob,
        desk.client("susan") as susan,
        desk.client("sam") as sam,
    ):
        assert (await bob.post(f"{CALL}/offers/ana/deflect", json=WANG)).status_code == 403
        for number, reason in (("+1 212 555 2368", "no-route"), ("1&PJSIP/bob", "bad-number")):
            said = await ana.post(f"{CALL}/offers/ana/deflect", json={"number": number})
            assert said.json()["error"]["reason"] == reason
        said = await ana.post(f"{CALL}/offers/ana/deflect", json=WANG)
        assert said.status_code == 200 and said.json()["phase"] == "outside", said.text
        (one,) = said.json()["outsiders"]
        assert (one["number"], one["transfer"], one["state"]) == ("+861065551234", True, "ringing")
        assert (await ana.get(CALL)).status_code == 404, "it is hers no more"
        assert (await susan.get(CALL)).json()["allowed"] == ["transfer", "clear", "write-data"]
        number_picks_up(desk)
        assert (await susan.get(CALL)).json()["outsiders"][0]["state"] == "joined"

        assert "deflect" not in (await sam.get(waiting)).json()["allowed"], "he has no phone"
        said = await sam.post(f"{waiting}/deflect", json=WANG)
        assert (said.status_code, said.json()["error"]["reason"]) == (409, "no-phone")
        assert "deflect" in (await susan.get(waiting)).json()["allowed"]
        said = await susan.post(f"{waiting}/deflect", json=WANG)
        assert (said.status_code, said.json()["phase"]) == (200, "outside")
        said = await susan.post(f"{waiting}/deflect", json=WANG)
        assert said.json()["error"]["reason"] == "not-waiting"
        asked = {"number": "010 6555 0001", "queue": "support"}
        owed = (await susan.post("/v1/callbacks", json=asked)).json()
        assert "deflect" not in owed["allowed"]
        said = await susan.post(f"/v1/calls/{owed['id']}/deflect", json=WANG)
        assert said.json()["error"]["reason"] == "caller-absent"
        acts = (await susan.get("/v1/audit")).json()
        assert [(act["by"], act["action"]) for act in acts] == [("susan", "deflect")]


async def test_a_screen_shows_a_supervisor_what_the_phone_that_he_has_is_good_for() -> None:
    """By events as by what he asks for: no phone, one that is in the call or rings for it, any other."""
    obedient = with_agent(centre(AGENTS), "sol", remote_answer=RemoteAnswer.TALK)
    desk = Desk(obedient, users=some_users())
    await desk.ready("ana", "sol")
    names = ("susan", "sam", "root")  # She is sol; he is nobody; and ana.
    users = {name: await desk.users.find(name) for name in names}
    told: dict[str, list[str]] = {}

    def hear(frames) -> None:
        for frame in frames:
            for name, user in users.items():
                seen = desk.services.feed.seen(frame, Audience(user=user))
                view = msgspec.json.decode(seen.message()).get("view", {}) if seen else {}
                if view.get("id") == call_id("c1"):
                    told[name] = view["allowed"]

    desk.services.feed._hear = hear

    async def is_shown() -> dict[str, set[str]]:
        for name in names:
            async with desk.client(name) as client:
                assert (await client.get(CALL)).json()["allowed"] == told[name], name
        ours = {"listen", "answer", "deflect"}
        return {name: ours & set(told[name]) for name in names}

    desk.arrives("c1")
    await is_shown()
    desk.talks("c1")
    assert await is_shown() == {"susan": {"listen"}, "sam": set(), "root": set()}
    asked = ConsultAgent(by="ana", call=call_id("c1"), agent=AgentId("sol"))
    await desk.switchboard.submit(asked)
    assert await is_shown() == {"susan": {"answer"}, "sam": set(), "root": set()}
    async with desk.client("root") as root, desk.client("susan") as susan:
        await root.delete(f"{CALL}/consult")
        desk.tell(events.LegEnded(at=desk.now, channel=desk.leg("c1"), cause=16))
        await susan.put(f"{CALL}/supervision", json={"mode": "listen"})
    assert await is_shown() == {"susan": {"listen", "answer"}, "sam": set(), "root": set()}


async def test_what_a_step_shows_an_agent_is_what_he_would_be_told_if_he_asked() -> None:
    """On a whole day: nobody is left with buttons of a call that is not his any more."""
    desk = Desk(days_centre())
    board, feed = desk.switchboard.board, desk.services.feed
    names: set[str] = set()
    wrong: list[tuple[str, str, list[str], Sequence[str]]] = []

    def may(shown: dict[str, Any], agent: AgentId) -> Sequence[str]:
        call = board.calls.get(CallId(shown["id"]))
        if call is not None:
            return feed.views.call(call, full=True, supervises=False, agent=agent)["allowed"]
        return ["record-outcome"] if shown["agent"] == agent else []

    def hear(frames) -> None:
        last = {}
        for frame in frames:
            for agent, text in frame.agents.items():
                said = msgspec.json.decode(text.message())
                if "phase" in (shown := said.get("view", {})):
                    last[agent, shown["id"]] = said
        for (agent, _), said in last.items():
            names.add(said["event"])
            if said["view"]["allowed"] != (expected := may(said["view"], agent)):
                wrong.append((said["event"], agent, said["view"]["allowed"], expected))

    feed._hear = hear
    await whole_day(desk)
    assert {"call-transferred", "offer-ended", "call-taken-over", "call-ended"} <= names
    assert wrong == []


async def test_who_has_handed_a_caller_on_may_still_say_what_came_of_it_and_nothing_else(
    desk: Desk,
) -> None:
    told: list[tuple[str, list[str]]] = []

    def hear(frames) -> None:
        for frame in frames:
            if text := frame.agents.get(AgentId("ana")):
                said = msgspec.json.decode(text.message())
                told.append((said["event"], said.get("view", {}).get("allowed")))

    await desk.ready("ana", "sol")
    desk.arrives("c1")
    desk.talks("c1")
    desk.services.feed._hear = hear
    async with desk.client("ana") as ana:
        said = await ana.post(f"{CALL}/transfer", json={"queue": "sales"})
        assert (said.json()["ringing"], said.json()["allowed"]) == (["sol"], ["record-outcome"])
        said = await ana.put(f"{CALL}/outcome", json={"outcome": "solved"})
        assert said.status_code == 200, said.text
    assert dict(told)["call-transferred"] == ["record-outcome"]


def some_users() -> FixedUsers:
    listed = [("ana", "agent", "ana"), ("bob", "agent", "bob"), ("sam", "supervisor", None)]
    listed += [("susan", "supervisor", "sol"), ("root", "admin", "ana")]
    return FixedUsers(
        Listed(name, role, AgentId(agent) if agent else None, password_hash())
        for name, role, agent in listed
    )


def test_every_button_that_may_be_shown_says_what_it_sends() -> None:
    """Whoever draws a button for each word of `allowed` reads in the table what to send, and guesses nothing."""
    api = described()
    shown = {*get_args(CallAction), *get_args(AgentAction), *get_args(SupervisorAction)}
    told = set()
    paths = {re.sub(r"{.*?}", "{}", path): ways for path, ways in api["paths"].items()}
    for line in api["info"]["description"].splitlines():
        if not line.startswith("| `"):
            continue
        _, words, how, _ = line.split("|")
        told |= set(re.findall("`(.+?)`", words))
        methods: list[str] = []
        for code in re.findall("`(.+?)`", how):
            method, _, path = code.partition(" ")
            if code.startswith("{"):
                assert json.loads(code), line
            elif method.isupper():
                methods.append(method.lower())
            if path.startswith("/v1/"):
                assert set(methods) <= paths[re.sub(r"{.*?}", "{}", path)].keys(), line
                methods.clear()
    assert told == shown | {"take-over", "stop-supervising"}
