"""Reports over the API: the same pages as on the command line, for those who may, and never more than is sensible."""

from collections.abc import AsyncIterator
from datetime import datetime, time, timedelta

import pytest
from pydantic import TypeAdapter

from acd.away import StoreAwayError
from acd.reports.html import POLICY
from acd.reports.pay import PayRule
from cti_api.reports import Reports
from cti_api.shapes.reports import Report
from tests.cti_api.desk import Desk
from tests.reports.told import DAY, SHANGHAI, a_morning

ASKED = f"day={DAY}"
NAMES = ("daily", "service", "abandoned", "overtaken", "pay", "formulas")


@pytest.fixture
async def office() -> AsyncIterator[Desk]:
    """A desk with a ledger, and a rule for pay."""
    desk = Desk(reports=Reports(a_morning(), zone=SHANGHAI, pay_rule=PayRule))
    yield desk
    desk.switchboard.stop()
    desk.services.feed.close()


@pytest.mark.parametrize("name", NAMES)
async def test_each_report_is_what_openapi_says(office: Desk, name: str) -> None:
    async with office.client("root") as client:
        told = await client.get(f"/v1/reports/{name}?{ASKED}&by=queue&by=agent")
        TypeAdapter(Report).validate_json(told.text, strict=True)
        assert told.json()["report"] == name
        page = await client.get(f"/v1/reports/{name}/html?{ASKED}&lang=zh")
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert page.headers["content-security-policy"] == POLICY
        file = await client.get(f"/v1/reports/{name}/csv?{ASKED}")
        assert file.headers["content-disposition"].startswith(f'attachment; filename="{name}-')


@pytest.mark.parametrize(
    ("user", "may"),
    [
        ("ana", ()),
        ("sue", ("daily", "service", "abandoned", "overtaken", "formulas")),
        ("root", NAMES),
    ],
)
async def test_who_may_see_what(office: Desk, user: str, may: tuple[str, ...]) -> None:
    async with office.client(user) as client:
        for name in NAMES:
            status = (await client.get(f"/v1/reports/{name}?{ASKED}")).status_code
            assert status == (200 if name in may else 403), name
            status = (await client.get(f"/v1/reports/{name}/csv?{ASKED}")).status_code
            assert status == (200 if name in may else 403), name


@pytest.mark.parametrize("name", ["daily", "abandoned"])
@pytest.mark.parametrize("form", ["", "/csv", "/html"])
async def test_who_gave_up_is_shown_as_his_caller_is(office: Desk, name: str, form: str) -> None:
    async with office.client("sue") as client:
        shown = (await client.get(f"/v1/reports/{name}{form}?{ASKED}")).text
        assert "+8613800138000" in shown and "HYPERLINK" in shown
        office.services.feed.views.masks.use({"supervisor": ["number"]})
        shown = (await client.get(f"/v1/reports/{name}{form}?{ASKED}")).text
        assert "+86138****8000" in shown and "138001" not in shown and "HYPERLINK" in shown
        office.services.feed.views.masks.use({"supervisor": ["number", "name"]})
        shown = (await client.get(f"/v1/reports/{name}{form}?{ASKED}")).text
        assert "+86138****8000" in shown and "138001" not in shown
        (table,) = (
            one["rows"]
            for one in (await client.get(f"/v1/reports/{name}?{ASKED}")).json()["sections"]
            if one["name"] == "abandoned"
        )
        assert table[0][:2] == ["=*", "+86138****8000"]


async def test_the_figures_are_those_of_the_ledger(office: Desk) -> None:
    async with office.client("sue") as client:
        told = (await client.get(f"/v1/reports/daily?{ASKED}")).json()
    assert told["headline"]["calls.offered"] == 15
    assert told["headline"]["sl.offered"] == 10 / 15
    assert told["zone"] == "Asia/Shanghai"
    assert "sl.offered@1" in {formula["name"] for formula in told["formulas"]}


async def test_an_agent_sees_his_own_day(office: Desk) -> None:
    office.now = int(datetime.combine(DAY, time(22), SHANGHAI).timestamp() * 1000)
    async with office.client("ana") as ana, office.client("sue") as sue:
        told = await ana.get("/v1/agents/ana/today?lang=zh")
        TypeAdapter(Report).validate_json(told.text, strict=True)
        (section,) = told.json()["sections"]
        (row,) = section["rows"]
        mine = dict(zip((one["name"] for one in section["columns"]), row, strict=True))
        assert mine["handle.talks"] and mine["handle.aht"] and "state.ready" in mine
        assert (await ana.get("/v1/agents/bob/today")).status_code == 403
        assert (await sue.get("/v1/agents/ana/today")).json()["sections"][0]["rows"]
        office.now += 3 * 60 * 60 * 1000  # Past midnight.
        later = (await ana.get("/v1/agents/ana/today")).json()
        assert str(DAY) in str(told.json()["about"])
        assert str(DAY + timedelta(days=1)) in str(later["about"])


@pytest.mark.parametrize(
    ("name", "asked", "says"),
    [
        ("daily", "day=yesterday", "day"),
        ("daily", "day=2026-11-21&to=2026-11-20", "is before day"),
        ("daily", f"{ASKED}&to={DAY + timedelta(days=40)}", "31 days at most"),
        ("service", f"{ASKED}&to={DAY + timedelta(days=400)}", "366 days at most"),
        ("service", f"{ASKED}&to={DAY + timedelta(days=300)}&interval=15m", "3000 lines"),
        ("service", "day=0001-01-01", "no call centre"),
        ("service", f"{ASKED}&tz=../../etc/passwd", "no such time zone"),
        ("service", f"{ASKED}&by=phase_of_the_moon", "by"),
        ("service", f"{ASKED}&within_s=0", "within_s"),
        ("service", f"{ASKED}&quue=hotline", "quue"),
    ],
)
async def test_what_cannot_be_meant_is_refused(
    office: Desk, name: str, asked: str, says: str
) -> None:
    async with office.client("sue") as client:
        told = await client.get(f"/v1/reports/{name}?{asked}")
    assert told.status_code == 422
    assert says in told.json()["error"]["message"]


async def test_without_a_rule_nobody_is_paid() -> None:
    desk = Desk(reports=Reports(a_morning(), zone=SHANGHAI))
    async with desk.client("root") as client:
        told = await client.get(f"/v1/reports/pay?{ASKED}")
    assert told.status_code == 404 and "CORDBOARD_PAY_RULE" in told.json()["error"]["message"]
    desk.switchboard.stop()
    desk.services.feed.close()


@pytest.mark.parametrize("path", ["reports/daily", "reports/daily/html", "reports/service"])
async def test_without_its_database_it_says_so_and_what_to_do(
    path: str, caplog: pytest.LogCaptureFixture
) -> None:
    class Away:
        def __getattr__(self, name: str) -> object:
            raise StoreAwayError("The database sqlite:// cannot be used: disk full. Make room.")

    desk = Desk(reports=Reports(Away(), zone=SHANGHAI))
    async with desk.client("sue") as client:
        told = await client.get(f"/v1/{path}?{ASKED}")
    assert told.status_code == 503 and told.headers["retry-after"] == "5"
    error = told.json()["error"]
    assert error["reason"] == "store-away" and "disk full" not in error["message"]
    assert "Make room." in caplog.text, "ops read why"
