"""Supervisors over the API: who may, what is shown to whom, every refusal, and what an agent's own screen says."""

from typing import Any

import pytest

from acd.core import events
from acd.core.ids import AgentId, ChannelId, OfferId
from acd.core.supervision import Mode
from cti_api.feed import Audience
from cti_api.users import FixedUsers
from tests.cti_api.desk import Desk, Listed, password_hash
from tests.play import call_id, centre

AGENTS = {"ana": ("support",), "bob": ("support",), "sue": ()}
CALL = f"/v1/calls/{call_id('c1')}"
HEAR = f"{CALL}/supervision"
USERS = [
    ("ana", "agent", "ana"),
    ("bob", "agent", "bob"),
    ("susan", "supervisor", "sue"),
    ("sam", "supervisor", None),
    ("root", "admin", "ana"),
    ("ruth", "router", "sue"),
]


async def a_desk(**options: Any) -> Desk:
    """Ana talks to a caller, and Sue is on shift."""
    listed = [
        Listed(name, role, AgentId(agent) if agent else None, password_hash())
        for name, role, agent in USERS
    ]
    desk = Desk(centre(AGENTS), users=FixedUsers(listed), **options)
    await desk.ready("ana", "sue")
    desk.arrives("c1")
    desk.talks("c1")
    return desk


def picks_up(desk: Desk) -> ChannelId:
    """The supervisor picks up, and hears."""
    leg = desk.leg("c1")
    desk.tell(events.LegAnswered(at=desk.now, channel=leg))
    desk.tell(events.LegBridged(at=desk.now, channel=leg, offer=OfferId(leg)))
    return leg


async def test_listen_whisper_barge_take_over_and_what_each_is_shown():
    desk = await a_desk()
    async with desk.client("susan") as sue, desk.client("ana") as ana:
        shown = (await sue.get(CALL)).json()
        assert {*Mode} <= {*shown["allowed"]} and shown["supervisors"] == []
        assert not {*Mode} & {*(await ana.get(CALL)).json()["allowed"]}
        said = await sue.put(HEAR, json={"mode": "listen"})
        assert said.status_code == 200, said.text
        rung = {"agent": "sue", "mode": "listen", "since": None}
        assert said.json()["supervisors"] == [
            rung | {"allowed": ["whisper", "barge", "stop-supervising"]}
        ]
        assert (await sue.get("/v1/agents/sue")).json()["state"] == "busy-supervising"
        picks_up(desk)
        for mode, others in (
            ("whisper", ["listen", "barge"]),
            ("barge", ["listen", "whisper"]),
            ("listen", ["whisper", "barge"]),
        ):
            (shown,) = (await sue.put(HEAR, json={"mode": mode})).json()["supervisors"]
            assert shown["allowed"] == [*others, "take-over", "stop-supervising"]
            assert (await ana.get(CALL)).json()["supervisors"] == [shown]
        assert (await sue.post(f"{HEAR}/take-over")).status_code == 200
        join = next(c for c in desk.performed[::-1] if type(c).__name__ == "JoinLeg")
        desk.tell(events.LegBridged(at=desk.now, channel=join.channel, offer=join.offer))
        shown = (await sue.get(CALL)).json()
        assert (shown["agent"], shown["supervisors"]) == ("sue", [])
        assert not {*Mode} & {*shown["allowed"]}, "it is her own"
        acts = (await sue.get("/v1/audit?agent=ana")).json()
        assert [(act["by"], act["action"]) for act in acts] == [
            ("susan", name)
            for name in ("take-over", "barge", "listen", "barge", "whisper", "listen")
        ]
        assert str(call_id("c1")) in acts[0]["detail"]


async def test_a_repeated_key_rings_the_phone_once():
    desk = await a_desk()
    async with desk.client("susan") as sue:
        key = {"Idempotency-Key": "listen-1"}
        first = await sue.put(HEAR, json={"mode": "listen"}, headers=key)
        picks_up(desk)
        again = await sue.put(HEAR, json={"mode": "listen"}, headers=key)
        assert again.json() == first.json()
        assert len([c for c in desk.performed if getattr(c, "agent", "") == "sue"]) == 1


async def test_every_reason_why_not():
    desk = await a_desk()

    async def refused(user: str, method: str, path: str, **body: Any) -> tuple[int, str]:
        async with desk.client(user) as client:
            said = await client.request(method, path, json=body or None)
        return said.status_code, said.json()["error"]["reason"]

    listen = {"mode": "listen"}
    for user, reason in (("ana", "not-allowed"), ("ruth", "not-allowed")):
        assert await refused(user, "PUT", HEAR, **listen) == (403, reason)
        assert await refused(user, "PUT", "/v1/agents/bob/supervision", **listen) == (403, reason)
    assert await refused("sam", "PUT", HEAR, **listen) == (409, "no-phone")
    assert await refused("root", "PUT", HEAR, **listen) == (409, "own-call")
    assert await refused("susan", "PUT", HEAR, mode="shout") == (422, "invalid")
    assert await refused("susan", "DELETE", HEAR) == (409, "not-supervising")
    assert await refused("susan", "POST", f"{HEAR}/take-over") == (409, "not-supervising")
    gone = HEAR.replace("c1", "c9")
    assert await refused("susan", "PUT", gone, **listen) == (404, "unknown-call")
    desk.arrives("c2")
    assert await refused("susan", "PUT", HEAR.replace("c1", "c2"), **listen) == (409, "not-talking")
    follow = "/v1/agents/{}/supervision"
    assert await refused("susan", "PUT", follow.format("sue"), **listen) == (409, "own-call")
    assert await refused("susan", "PUT", follow.format("zoe"), **listen) == (404, "unknown-agent")
    assert await refused("susan", "DELETE", follow.format("ana")) == (409, "not-supervising")
    async with desk.client("susan") as sue:
        await sue.put(HEAR, json=listen)
        assert await refused("susan", "POST", f"{HEAR}/take-over") == (
            409,
            "supervision-not-answered",
        )
        picks_up(desk)
        await sue.delete(HEAR)
        assert await refused("susan", "PUT", HEAR, **listen) == (409, "agent-not-free")
        desk.tell(events.LegEnded(at=desk.now, channel=desk.leg("c1"), cause=16))
        await sue.delete("/v1/agents/sue/shift")
        assert await refused("susan", "PUT", HEAR, **listen) == (409, "not-logged-in")


async def test_she_follows_an_agent_and_is_shown_to():
    desk = await a_desk()
    async with desk.client("susan") as sue:
        said = await sue.put("/v1/agents/ana/supervision", json={"mode": "whisper"})
        assert said.json()["follows"] == {"agent": "ana", "mode": "whisper"}
        assert (said.json()["id"], said.json()["state"]) == ("sue", "busy-supervising")
        picks_up(desk)
        assert (await sue.get(CALL)).json()["supervisors"][0]["mode"] == "whisper"
        said = await sue.delete("/v1/agents/ana/supervision")
        assert (said.status_code, said.json()["follows"]) == (200, None)
        assert (await sue.get(CALL)).json()["supervisors"] == []


@pytest.mark.parametrize("sees", [True, False])
async def test_an_agents_screen_shows_that_somebody_listens_unless_the_centre_says_never(sees):
    desk = await a_desk()
    desk.services.feed.views.masks.use({}, (), agents_see_supervision=sees)
    heard: dict[str, list[str]] = {"ana": [], "susan": [], "bob": []}
    users = {name: await desk.users.find(name) for name in heard}

    def hear(frames: Any) -> None:
        for frame in frames:
            for name, user in users.items():
                seen = desk.services.feed.seen(frame, Audience(user=user))
                if seen is not None and frame.full.event != "agent-changed":
                    heard[name].append(frame.full.event)
                    shown = b'"mode":"listen"' in seen.message()
                    assert name != "ana" or sees or not shown, seen.message()

    desk.services.feed._hear = hear
    async with desk.client("susan") as sue, desk.client("ana") as ana:
        await sue.put(HEAR, json={"mode": "listen"})
        picks_up(desk)
        assert bool((await ana.get(CALL)).json()["supervisors"]) is sees
        await ana.put(f"{CALL}/hold")
        await sue.delete(HEAR)
    told = ["supervision-changed", "supervised", "supervision-changed", "call-held"]
    told += ["supervision-ended", "supervised"]
    assert heard["susan"] == told
    assert heard["ana"] == (told if sees else ["call-held"])
    assert heard["bob"] == []
