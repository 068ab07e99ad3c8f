"""Staffing over the API: reckoned apart, the same page as on the command line, and refused where nobody can mean it."""

from typing import Any

import pytest
from pydantic import TypeAdapter

from acd.apart import TooLongError
from acd.reports.html import POLICY
from acd.staffing import apart
from cti_api.reports import Reports
from cti_api.shapes.reports import Report
from tests.cti_api.desk import Desk
from tests.reports.told import SHANGHAI, a_morning

pytestmark = pytest.mark.slow

LINE = {"label": "09:00", "length_s": 1800, "calls": 100, "aht_s": 180, "agents": 12}
WANTED: dict[str, Any] = {"intervals": [LINE], "service_level": 0.8}


async def test_the_agents_that_a_target_takes() -> None:
    desk = Desk(reports=Reports(a_morning(), zone=SHANGHAI))
    async with desk.client("sue") as client:
        told = await client.post("/v1/staffing", json=WANTED | {"days": 1})
        TypeAdapter(Report).validate_json(told.text, strict=True)
        data = told.json()
        assert data["headline"]["C.peak"] == 14 and data["headline"]["A.peak"] == 12
        assert [section["name"] for section in data["sections"]] == ["needed", "given", "models"]
        page = await client.post("/v1/staffing/html", json=WANTED | {"lang": "zh"})
        assert page.headers["content-security-policy"] == POLICY and "所需座席" in page.text
        like = {"like": {"day": "2026-11-30"}, "asa_s": 20}
        file = await client.post("/v1/staffing/csv", json=like)
        assert file.status_code == 200 and "09:00" in file.text, file.text
        for body, says in (
            (WANTED | {"intervals": None}, "one of them"),
            (WANTED | like, "one of them"),
            ({"intervals": [LINE]}, "service_level"),
            (WANTED | {"days": 10, "intervals": [LINE | {"calls": 9_000}]}, "calls to play"),
            (WANTED | {"intervals": [LINE | {"calls": 9e5}]}, "aht is in seconds"),
            (like | {"like": {"day": "0001-01-01"}}, "no call centre"),
            (WANTED | {"patience_s": 0}, "patience_s"),
        ):
            refused = await client.post("/v1/staffing", json=body)
            assert refused.status_code == 422, refused.text
            assert says in refused.json()["error"]["message"], refused.text
    async with desk.client("ana") as client:
        assert (await client.post("/v1/staffing", json=WANTED)).status_code == 403
    desk.switchboard.stop()
    desk.services.feed.close()


async def test_what_takes_too_long_is_ended_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*_: object, **__: object) -> bytes:
        raise TooLongError

    monkeypatch.setattr(apart, "done_apart", never)
    desk = Desk()
    async with desk.client("sue") as client:
        told = await client.post("/v1/staffing", json=WANTED)
        assert told.status_code == 413 and "cordboard staffing" in told.json()["error"]["message"]
        like = {"like": {"day": "2026-11-30"}, "asa_s": 20}
        assert (await client.post("/v1/staffing", json=like)).status_code == 404
    desk.switchboard.stop()
    desk.services.feed.close()
