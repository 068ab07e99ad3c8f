"""What the engine hears of phones: each change once, all of it after a gap, and never what is stale."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from acd.adapters.asterisk.ami_client import AmiRefused, AmiTimings
from acd.adapters.asterisk.ami_link import AmiLink, LinkTimings
from acd.core.events import DeviceChanged, DeviceState, Event
from acd.core.ids import NodeId
from tests.adapters.asterisk.ami_peer import AmiPeer, ami_peer, until

QUICK = AmiTimings(answer_s=2.0, retry_first_s=0.01, retry_last_s=0.05)


class Told(list[tuple[str, str]]):
    """The engine's inbox."""

    def deliver(self, event: Event) -> None:
        assert isinstance(event, DeviceChanged)
        assert event.node == "pbx1"
        assert event.at == 1_000
        self.append((event.device, event.state.value))


def link_to(
    peer: AmiPeer,
    told: Told,
    *,
    stale_s: float = 30.0,
    refresh_s: float = 60.0,
    of_interest: Callable[[str], bool] = lambda device: True,
    secret: str = "s3cret",
) -> AmiLink:
    return AmiLink(
        NodeId("pbx1"),
        "127.0.0.1",
        peer.port,
        "cordboard",
        secret,
        deliver=told.deliver,
        now_ms=lambda: 1_000,
        of_interest=of_interest,
        timings=LinkTimings(stale_s=stale_s, refresh_s=refresh_s),
        ami_timings=QUICK,
    )


@asynccontextmanager
async def started(link: AmiLink) -> AsyncIterator[AmiLink]:
    await link.start()
    try:
        yield link
    finally:
        await link.stop()


async def test_all_phones_at_first_and_then_each_change_once() -> None:
    told = Told()
    devices = {"PJSIP/ana": "NOT_INUSE", "PJSIP/bob": "UNAVAILABLE", "Queue:x_avail": "INUSE"}
    async with ami_peer(devices=devices) as peer, started(link_to(peer, told)):
        await until(lambda: len(told) == 2)
        assert told == [("PJSIP/ana", "NOT_INUSE"), ("PJSIP/bob", "UNAVAILABLE")]
        told.clear()
        peer.device_is("PJSIP/ana", "NOT_INUSE")
        peer.device_is("PJSIP/ana", "RINGING")
        peer.device_is("PJSIP/ana", "RINGING")
        peer.device_is("PJSIP/ana", "INUSE")
        await until(lambda: len(told) == 2)
        assert told == [("PJSIP/ana", "RINGING"), ("PJSIP/ana", "INUSE")]


async def test_only_phones_of_interest() -> None:
    told = Told()
    devices = {"PJSIP/trunk": "INUSE", "PJSIP/ana": "INUSE"}
    async with ami_peer(devices=devices) as peer:
        link = link_to(peer, told, of_interest=lambda device: device != "PJSIP/trunk")
        async with started(link):
            await until(lambda: told)
            peer.device_is("PJSIP/trunk", "NOT_INUSE")
            peer.device_is("PJSIP/ana", "NOT_INUSE")
            await until(lambda: len(told) == 2)
            assert {device for device, _ in told} == {"PJSIP/ana"}


async def test_a_lost_event_is_made_good_by_the_next_list() -> None:
    told = Told()
    async with (
        ami_peer(devices={"PJSIP/ana": "NOT_INUSE"}) as peer,
        started(link_to(peer, told, refresh_s=0.05)),
    ):
        await until(lambda: told)
        peer.devices["PJSIP/ana"] = "INUSE"  # And not a word about it.
        await until(lambda: told[-1] == ("PJSIP/ana", "INUSE"))
        lists = len(peer.actions("DeviceStateList"))
        await until(lambda: len(peer.actions("DeviceStateList")) > lists + 2)
        assert len(told) == 2


async def test_a_phone_that_asterisk_no_longer_has_is_unknown() -> None:
    told = Told()
    async with (
        ami_peer(devices={"PJSIP/ana": "INUSE", "PJSIP/bob": "INUSE"}) as peer,
        started(link_to(peer, told)) as link,
    ):
        await until(lambda: len(told) == 2)
        del peer.devices["PJSIP/ana"]
        link.refresh_soon()
        await until(lambda: len(told) == 3)
        assert told[-1] == ("PJSIP/ana", "UNKNOWN")


async def test_after_a_short_gap_all_is_told_again_and_nothing_was_unknown() -> None:
    told = Told()
    async with (
        ami_peer(devices={"PJSIP/ana": "INUSE", "PJSIP/bob": "INUSE"}) as peer,
        started(link_to(peer, told)) as link,
    ):
        await until(lambda: len(told) == 2)
        told.clear()
        peer.devices["PJSIP/bob"] = "NOT_INUSE"
        peer.reset()
        await until(lambda: len(told) == 2)
        assert told == [("PJSIP/ana", "INUSE"), ("PJSIP/bob", "NOT_INUSE")]
        assert link.connected


async def test_after_a_long_gap_no_stale_state_is_left() -> None:
    told = Told()
    async with (
        ami_peer(devices={"PJSIP/ana": "INUSE", "PJSIP/bob": "UNAVAILABLE"}) as peer,
        started(link_to(peer, told, stale_s=0.1)) as link,
    ):
        await until(lambda: len(told) == 2)
        told.clear()
        await peer.vanish()
        await until(lambda: not link.connected)
        assert told == []
        await until(lambda: len(told) == 2)
        assert told == [("PJSIP/ana", "UNKNOWN"), ("PJSIP/bob", "UNKNOWN")]
        told.clear()
        await peer.listen()
        await until(lambda: len(told) == 2)
        assert told == [("PJSIP/ana", "INUSE"), ("PJSIP/bob", "UNAVAILABLE")]


async def test_after_stop_nothing_is_told() -> None:
    told = Told()
    async with ami_peer(devices={"PJSIP/ana": "INUSE"}) as peer:
        link = link_to(peer, told, stale_s=0.0)
        await link.start()
        await until(lambda: told)
        await link.stop()
        await link.stop()
        peer.device_is("PJSIP/ana", "NOT_INUSE")
        await until(lambda: not peer._writers)
        assert told == [("PJSIP/ana", "INUSE")]


async def test_a_right_that_is_missing_is_said(caplog: pytest.LogCaptureFixture) -> None:
    async with ami_peer(denied={"DeviceStateList"}) as peer, started(link_to(peer, Told())):
        await until(lambda: "write=reporting" in caplog.text)


async def test_a_wrong_secret_stops_the_start() -> None:
    async with ami_peer() as peer:
        link = link_to(peer, Told(), secret="wrong")
        with pytest.raises(AmiRefused):
            await link.start()
        assert not link.connected


async def test_others_are_told_when_there_is_reason_to_ask_anew() -> None:
    ups: list[DeviceState | None] = []
    async with ami_peer() as peer:
        link = link_to(peer, Told())
        link.when_up(lambda: ups.append(None))
        async with started(link):
            assert len(ups) == 1
            peer.drop()
            await until(lambda: len(ups) == 2)
