"""A dialplan asks who calls: it is told on the real switch, and goes on whether or not we are there."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from acd.adapters.asterisk.lab import Lab
from acd.adapters.asterisk.sipp import AgentPhones, Call, Callers, Phone
from acd.adapters.database.connection import Database
from acd.adapters.database.customer_book import CustomerBook
from acd.adapters.database.listings import Listing
from acd.core.customer import Confidence
from acd.core.ids import CustomerId
from tests.live.centre import Centre, over, until

pytestmark = pytest.mark.live

NUMBER = "13900000011"
WANG = Listing(
    id=CustomerId("C-1"),
    fields={"name": "王芳", "segment": "vip"},
    numbers={f"+86{NUMBER}": Confidence.OWN},
)
NAMES = ("CONFIDENCE", "COUNT", "LAST_AGENT", "LAST_OUTCOME", "CUSTOMER", "SEGMENT", "VIP")


async def list_wang(centre: Centre) -> None:
    database = Database(f"sqlite:///{centre.folder / 'cordboard.db'}")
    await database.open()
    await CustomerBook(database).put([WANG], at=1)
    await database.close()


def gone_on(centre: Centre) -> Any:
    """The channel whose dialplan has asked and is past it."""
    return next((one for one in centre.channels if one["dialplan"]["app_name"] == "Wait"), None)


def said(centre: Centre, channel: str, name: str) -> str:
    found = centre.look(f"/channels/{channel}/variable?variable={quote(name)}")
    return str(found["value"])


async def told(centre: Centre, number: str = NUMBER, within_s: float = 10) -> dict[str, str]:
    """What the dialplan of one call knows after it has asked."""
    call = Call(number=number, extension="4010")
    with Callers(centre.lab, [call], media=True, name="asks", port=5074) as caller:
        channel = await until(
            lambda: gone_on(centre), within_s=within_s, what="the dialplan goes on"
        )
        known = {name: said(centre, channel["id"], f"CORDBOARD_{name}") for name in NAMES}
        # The dialplan's own limit of the call's length goes on.
        assert 500 < float(said(centre, channel["id"], "TIMEOUT(absolute)")) <= 600
        caller.hang_up()
        await over(caller)
    return known


async def test_a_dialplan_that_keeps_app_queue_is_told_who_calls(lab: Lab, tmp_path: Path) -> None:
    async with Centre(lab, tmp_path) as centre:
        await list_wang(centre)
        assert await told(centre) == {
            "CONFIDENCE": "own",
            "COUNT": "0",
            "LAST_AGENT": "",
            "LAST_OUTCOME": "",
            "CUSTOMER": "C-1",
            "SEGMENT": "vip",
            "VIP": "1",
        }
        with AgentPhones(lab, default=Phone(ring_ms=50)):
            (ana,) = await centre.on_shift("ana")
            with Callers(lab, [Call(number=NUMBER)], media=True) as caller:
                connected = await centre.boss.hears("call-connected")
                await ana.api.record_outcome(connected["call"], {"outcome": "solved"})
                caller.hang_up()
                await over(caller)
        again = await told(centre)
        assert (again["COUNT"], again["LAST_AGENT"], again["LAST_OUTCOME"]) == (
            "1",
            "ana",
            "solved",
        )
        stranger = await told(centre, "95588")
        assert stranger == dict.fromkeys(NAMES, "") | {"CONFIDENCE": "short"}
        assert not centre.boss.events("call-started", dialled="4010")


async def test_who_the_dialplan_has_proved_pops_whatever_number_he_calls_from(
    lab: Lab, tmp_path: Path
) -> None:
    """The lab's 4004 says that he is whom his name names: what a caller writes there reaches us as it is."""
    hostile = "C-1${SHELL(id)},x)%2C"
    async with Centre(lab, tmp_path) as centre:
        await list_wang(centre)
        for port, name in ((5074, "C-1"), (5075, hostile)):
            call = Call(number="02112345678", name=name, extension="4004")
            with Callers(lab, [call], media=True, name=f"told{port}", port=port) as caller:
                queued = await centre.boss.hears("call-queued")
                pop = queued["view"]["caller"]
                if name == "C-1":
                    assert [one["id"] for one in pop["customers"]] == ["C-1"]
                    assert (pop["confidence"], pop["contact_number"]) == ("told", 1)
                    await centre.kill()
                    await centre.start()
                    found = await until(
                        lambda: centre.boss.snapshot["calls"], what="he is found again"
                    )
                    assert found[0]["caller"]["confidence"] == "told"
                else:
                    assert (pop["confidence"], pop["customers"]) == ("unlisted", [])
                    (told,) = centre.boss.events("misconfigured")
                    assert "nobody of this id is listed" in told.frame["problem"]
                caller.hang_up()
                await over(caller)


async def test_it_goes_on_when_nobody_answers(lab: Lab, tmp_path: Path) -> None:
    async with Centre(lab, tmp_path) as centre:
        await list_wang(centre)
        process = centre.product.process
        assert process is not None
        process.send(signal.SIGSTOP)  # It hangs, with its socket open.
        assert await told(centre) == dict.fromkeys(NAMES, "")
        process.send(signal.SIGCONT)
        await centre.kill()
        assert await told(centre) == dict.fromkeys(NAMES, "")
        await centre.start()
        assert (await told(centre))["CUSTOMER"] == "C-1"
