"""app_queue's members: what our agents are, whatever happens on the way."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import product

import pytest

from acd.adapters.asterisk import fallback
from acd.adapters.asterisk.ami_client import AmiTimings
from acd.adapters.asterisk.ami_link import AmiLink
from acd.adapters.asterisk.fallback import FallbackMirror
from acd.core.agent import AgentState
from acd.core.configuration import AgentProfile, Desk, Duties
from acd.core.events import DeviceState
from acd.core.ids import AgentId, DeskId, NodeId, QueueId
from acd.core.notices import AgentStateChanged, DutiesChanged
from tests.adapters.asterisk.ami_peer import AmiPeer, ami_peer, until

SUPPORT, SALES = QueueId("support"), QueueId("sales")
QUICK = AmiTimings(answer_s=0.5, retry_first_s=0.01, retry_last_s=0.05)
OUT, READY, NOT_READY = AgentState.LOGGED_OUT, AgentState.READY, AgentState.NOT_READY


def profile(name: str, *queues: QueueId, device: str = "", node: str = "pbx1") -> AgentProfile:
    return AgentProfile(
        id=AgentId(name),
        name=name.title(),
        device=device or f"PJSIP/{name}",
        queues=queues or (SUPPORT,),
        node=NodeId(node),
    )


def agents(*profiles: AgentProfile) -> dict[AgentId, AgentProfile]:
    return {profile.id: profile for profile in profiles}


def now(
    agent: str, state: AgentState, cause: str = "", pending: AgentState | None = None
) -> AgentStateChanged:
    return AgentStateChanged(
        at=0,
        agent=AgentId(agent),
        state=state,
        causes=((cause, ""),) if cause else (),
        pending=pending,
        device=DeviceState.NOT_INUSE,
        call=None,
        until=None,
    )


@asynccontextmanager
async def mirroring(
    peer: AmiPeer, *profiles: AgentProfile, on_shift: tuple[str, ...] = ()
) -> AsyncIterator[FallbackMirror]:
    link = AmiLink(
        NodeId("pbx1"),
        "127.0.0.1",
        peer.port,
        "cordboard",
        "s3cret",
        deliver=lambda _: None,
        now_ms=lambda: 0,
        ami_timings=QUICK,
    )
    mirror = FallbackMirror(link, agents(*profiles))
    for agent in on_shift:
        mirror.hear(now(agent, READY))
    await link.start()
    mirror.start()
    try:
        yield mirror
    finally:
        await mirror.stop()
        await link.stop()


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fallback, "_PAUSE_S", 0.0)
    monkeypatch.setattr(fallback, "_RETRY_S", 0.01)


def changes(peer: AmiPeer) -> list[str]:
    wanted = ("QueueAdd", "QueueRemove", "QueuePause")
    return [headers["Action"] for headers in peer.received if headers["Action"] in wanted]


async def test_a_shift_from_log_in_to_log_out() -> None:
    async with (
        ami_peer(queues={"support": {}, "sales": {}}) as peer,
        mirroring(peer, profile("ana", SUPPORT, SALES), profile("bob")) as mirror,
    ):
        mirror.hear(now("ana", NOT_READY, "manual"))
        paused = {"PJSIP/ana": ("ana", True, True)}
        await until(lambda: peer.queues == {"support": paused, "sales": paused})
        assert peer.actions("QueueAdd")[0]["StateInterface"] == "PJSIP/ana"
        mirror.hear(now("ana", READY))
        ready = {"PJSIP/ana": ("ana", False, True)}
        await until(lambda: peer.queues == {"support": ready, "sales": ready})
        mirror.hear(now("ana", OUT))
        await until(lambda: peer.queues == {"support": {}, "sales": {}})
        assert changes(peer) == [*["QueueAdd"] * 2, *["QueuePause"] * 2, *["QueueRemove"] * 2]


async def test_other_duties_are_other_memberships() -> None:
    async with (
        ami_peer(queues={"support": {}, "sales": {}}) as peer,
        mirroring(peer, profile("ana"), on_shift=("ana",)) as mirror,
    ):
        await until(lambda: peer.queues["support"])
        duties = Duties(queues=(SALES,))
        for agent in ("ana", "zoe"):
            mirror.hear(
                DutiesChanged(
                    at=0, agent=AgentId(agent), by="sue", duties=duties, queues=(SALES,), skills={}
                )
            )
        await until(
            lambda: peer.queues == {"support": {}, "sales": {"PJSIP/ana": ("ana", False, True)}}
        )


async def test_who_sits_at_a_desk_is_called_there_and_who_sat_there_before_us_is_not() -> None:
    window = Desk(id=DeskId("window"), name="Window", device="PJSIP/window")
    async with (
        ami_peer(queues={"support": {"PJSIP/window": ("zoe", False, True)}}) as peer,
        mirroring(peer, profile("ana"), on_shift=("ana",)) as mirror,
    ):
        mirror.use(agents(profile("ana")), (window.device,))
        own = {"PJSIP/ana": ("ana", False, True)}
        there = {"PJSIP/window": ("ana", False, True)}
        await until(lambda: peer.queues["support"] == own)
        mirror.hear(replace(now("ana", READY), desk=window))
        await until(lambda: peer.queues["support"] == there)
        mirror.use(agents(profile("ana"), profile("bob")))
        mirror.hear(now("bob", READY))
        await until(lambda: "PJSIP/bob" in peer.queues["support"])
        assert there.items() <= peer.queues["support"].items()
        mirror.hear(now("ana", OUT))
        await until(lambda: list(peer.queues["support"]) == ["PJSIP/bob"])


async def test_a_call_is_no_reason_to_bother_asterisk() -> None:
    async with (
        ami_peer(queues={"support": {}}) as peer,
        mirroring(peer, profile("ana"), profile("bob"), on_shift=("ana",)) as mirror,
    ):
        await until(lambda: peer.queues["support"])
        for state in (AgentState.OFFERED, AgentState.TALKING, AgentState.WRAP_UP, READY):
            mirror.hear(now("ana", state))
        mirror.hear(now("bob", READY))
        await until(lambda: len(peer.queues["support"]) == 2)
        assert changes(peer) == ["QueueAdd", "QueueAdd"]


async def test_who_leaves_after_this_call_gets_no_other() -> None:
    async with (
        ami_peer(queues={"support": {}}) as peer,
        mirroring(peer, profile("ana"), profile("bob"), on_shift=("ana", "bob")) as mirror,
    ):
        await until(lambda: len(peer.queues["support"]) == 2)
        mirror.hear(now("ana", AgentState.TALKING, pending=OUT))
        mirror.hear(now("bob", AgentState.TALKING, "manual", pending=NOT_READY))
        await until(lambda: peer.queues["support"] == {"PJSIP/bob": ("bob", True, True)})


async def test_only_the_last_state_counts() -> None:
    async with (
        ami_peer(queues={"support": {}}, deaf_to={"QueueStatus"}) as peer,
        mirroring(peer, profile("ana"), profile("bob")) as mirror,
    ):
        for _ in range(100):
            mirror.hear(now("ana", READY))
            mirror.hear(now("ana", NOT_READY, "manual"))
            mirror.hear(now("bob", READY))
            mirror.hear(now("bob", OUT))
        peer.deaf_to.clear()
        await until(lambda: peer.queues["support"] == {"PJSIP/ana": ("ana", True, True)})
        assert changes(peer) == ["QueueAdd"]


async def test_whatever_is_found_is_mended() -> None:
    """Every difference that there can be, at one glance."""
    profiles, found, wanted, on_shift = [], {}, {}, []
    kinds = product([None, "a", "other"], [True, False], [True, False])
    for number, (member, paused, logged_in) in enumerate(kinds):
        name = f"a{number:02}"
        profiles.append(profile(name))
        if member:
            found[f"PJSIP/{name}"] = (name if member == "a" else member, paused, True)
        if logged_in:
            on_shift.append(name)
            wanted[f"PJSIP/{name}"] = (name, False, True)
    foreign = {"PJSIP/boss": ("boss", False, True), "Local/1@x": ("x", True, True)}
    async with (
        ami_peer(queues={"support": found | foreign}) as peer,
        mirroring(peer, *profiles, on_shift=tuple(on_shift)),
    ):
        await until(lambda: peer.queues["support"] == wanted | foreign)


async def test_after_a_gap_the_difference_is_mended() -> None:
    async with (
        ami_peer(queues={"support": {}}) as peer,
        mirroring(peer, profile("ana"), profile("bob"), on_shift=("ana",)) as mirror,
    ):
        await until(lambda: peer.queues["support"])
        await peer.vanish()
        peer.queues["support"] = {"PJSIP/bob": ("bob", True, True)}
        mirror.hear(now("ana", NOT_READY, "manual"))
        await peer.listen()
        await until(lambda: peer.queues["support"] == {"PJSIP/ana": ("ana", True, True)})


async def test_an_action_whose_outcome_is_unknown_is_looked_up() -> None:
    async with (
        ami_peer(queues={"support": {}}, deaf_to={"QueueAdd"}) as peer,
        mirroring(peer, profile("ana"), on_shift=("ana",)),
    ):
        await until(lambda: peer.actions("QueueAdd"))
        # It was done after all; only the answer got lost.
        peer.queues["support"]["PJSIP/ana"] = ("ana", False, True)
        await until(lambda: len(peer.actions("QueueStatus")) > 1)
        peer.deaf_to.clear()
        assert changes(peer) == ["QueueAdd"]


async def test_a_member_from_the_file_is_left_there_but_paused() -> None:
    async with (
        ami_peer(
            queues={
                "support": {"PJSIP/ana": ("Ana", False, False), "PJSIP/bob": ("Bob", True, False)}
            }
        ) as peer,
        mirroring(peer, profile("ana"), profile("bob"), profile("chen"), on_shift=("bob",)) as it,
    ):
        it.hear(now("chen", READY))
        await until(lambda: "PJSIP/chen" in peer.queues["support"])
        assert peer.queues["support"]["PJSIP/ana"] == ("Ana", False, False)
        assert peer.queues["support"]["PJSIP/bob"] == ("Bob", False, False)


async def test_a_queue_that_asterisk_lacks_is_said_once_and_harms_no_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with (
        ami_peer(queues={"sales": {}}) as peer,
        mirroring(
            peer,
            profile("ana", SUPPORT, SALES),
            profile("bob", SUPPORT, SALES),
            on_shift=("ana", "bob"),
        ),
    ):
        await until(lambda: len(peer.queues["sales"]) == 2)
    assert caplog.text.count("add [support](cordboard-queue) to queues.conf") == 1


async def test_what_asterisk_refuses_keeps_nobody_waiting() -> None:
    async with (
        ami_peer(
            queues={"support": {"PJSIP/ana": ("ana", True, True)}}, denied={"QueuePause"}
        ) as p,
        mirroring(p, profile("ana"), profile("bob"), on_shift=("ana", "bob")),
    ):
        await until(lambda: "PJSIP/bob" in p.queues["support"])


async def test_a_name_that_is_no_name_keeps_nobody_waiting(
    caplog: pytest.LogCaptureFixture,
) -> None:
    evil = profile("ana", QueueId("x\r\nAction: Originate"))
    async with (
        ami_peer(queues={"support": {}}) as peer,
        mirroring(peer, evil, profile("bob"), on_shift=("ana", "bob")),
    ):
        await until(lambda: "PJSIP/bob" in peer.queues["support"])
        assert "control character" in caplog.text
        assert peer.actions("Originate") == []


async def test_two_agents_share_a_desk() -> None:
    desk = "PJSIP/desk1"
    async with (
        ami_peer(queues={"support": {}}) as peer,
        mirroring(peer, profile("ana", device=desk), profile("bob", device=desk)) as mirror,
    ):
        mirror.hear(now("ana", READY))
        await until(lambda: peer.queues["support"] == {desk: ("ana", False, True)})
        mirror.hear(now("bob", NOT_READY, "manual"))
        mirror.hear(now("ana", OUT))
        await until(lambda: peer.queues["support"] == {desk: ("bob", True, True)})


async def test_agents_of_another_asterisk_are_not_ours() -> None:
    async with (
        ami_peer(queues={"support": {}}) as peer,
        mirroring(peer, profile("ana", node="pbx2"), profile("bob"), on_shift=("ana", "bob")),
    ):
        await until(lambda: peer.queues["support"] == {"PJSIP/bob": ("bob", False, True)})


async def test_a_new_configuration_moves_members() -> None:
    async with (
        ami_peer(queues={"support": {}, "sales": {}}) as peer,
        mirroring(peer, profile("ana"), profile("bob"), on_shift=("ana", "bob")) as mirror,
    ):
        await until(lambda: len(peer.queues["support"]) == 2)
        mirror.use(agents(profile("ana", SALES, device="PJSIP/ana2")))
        await until(
            lambda: peer.queues == {"support": {}, "sales": {"PJSIP/ana2": ("ana", False, True)}}
        )


async def test_when_we_stop_the_members_stay() -> None:
    async with ami_peer(queues={"support": {}}) as peer:
        async with mirroring(peer, profile("ana"), on_shift=("ana",)):
            await until(lambda: peer.queues["support"])
        assert peer.queues["support"] == {"PJSIP/ana": ("ana", False, True)}
