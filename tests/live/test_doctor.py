"""The doctor beside a real Asterisk: what is missing there has its line, and who is at work is not disturbed."""

from __future__ import annotations

from pathlib import Path

import pytest

from acd.adapters.asterisk.lab import Lab
from acd.doctor import Finding, Verdict, examine
from acd.settings import Settings
from tests.live.centre import Centre, centre_file

pytestmark = [pytest.mark.live, pytest.mark.timeout(60)]


async def examined(lab: Lab, folder: Path, **said: object) -> list[Finding]:
    given = {
        "centre": folder / "centre.yaml",
        "database": f"sqlite:///{folder}/cordboard.db",
        "journal": folder / "journal",
        "api_port": 1,  # Nobody is there.
        "ari_url": lab.ari_url,
        "ari_password": lab.ari_password,
        "ami_host": lab.ami_host,
        "ami_secret": lab.ami_secret,
    }
    return [finding async for finding in examine(Settings.model_validate(given | said))]


def told(found: list[Finding], verdict: Verdict) -> dict[str, str]:
    return {one.part: f"{one.said} {one.todo}" for one in found if one.verdict is verdict}


async def test_a_centre_that_is_well(lab: Lab, tmp_path: Path) -> None:
    queues = {"support": {}, "sales": {}}
    agents = dict.fromkeys(lab.agents, ("support", "sales"))
    (tmp_path / "centre.yaml").write_text(centre_file(agents, queues))
    found = await examined(lab, tmp_path)
    assert told(found, Verdict.BAD) == {} and told(found, Verdict.DOUBTFUL) == {}
    assert {"asterisk", "modules", "clock", "phones", "dialplan", "fallback"} <= {
        one.part for one in found
    }
    assert not (tmp_path / "cordboard.db").exists()


async def test_what_asterisk_does_not_have(lab: Lab, tmp_path: Path) -> None:
    text = centre_file(
        {"ana": ["support", "sales"], "nemo": ["support"]},
        {"support": {"whisper": ["no-such-sound"]}, "sales": {}, "returns": {}},
        outbound={
            "queue": "support",
            "routes": {
                "country": {
                    "endpoint": "lost-trunk",
                    "caller_id": "+861065550000",
                    "prefixes": ["+86"],
                }
            },
        },
    )
    (tmp_path / "centre.yaml").write_text(text)
    found = await examined(lab, tmp_path)
    missing, doubtful = told(found, Verdict.BAD), told(found, Verdict.DOUBTFUL)
    assert missing.keys() == {"phones", "trunks"}, missing
    assert "PJSIP/nemo" in missing["phones"] and "lost-trunk" in missing["trunks"]
    assert doubtful.keys() == {"queues", "sounds", "fallback"}
    assert "no-such-sound" in doubtful["sounds"]
    assert "returns" in doubtful["fallback"] and "support" not in doubtful["fallback"]


async def test_wrong_passwords_and_a_broken_file_are_told_together(
    lab: Lab, tmp_path: Path
) -> None:
    (tmp_path / "centre.yaml").write_text("queues: 7\n")
    wrong = {"ari_password": "wrong", "ami_secret": "wrong"}
    missing = told(await examined(lab, tmp_path, **wrong), Verdict.BAD)
    assert missing.keys() == {"centre file", "asterisk", "manager"}
    assert "centre.yaml:1" in missing["centre file"]
    assert "CORDBOARD_ARI_PASSWORD" in missing["asterisk"]
    assert "CORDBOARD_AMI_SECRET" in missing["manager"]


async def test_the_server_at_work_is_not_disturbed(lab: Lab, tmp_path: Path) -> None:
    async with Centre(lab, tmp_path / "centre") as centre:
        host, port = centre.product.url.removeprefix("http://").split(":")
        for _ in range(2):
            found = await examined(lab, centre.folder, api_host=host, api_port=int(port))
            assert told(found, Verdict.BAD) == {}
            said = told(found, Verdict.GOOD)
            assert said["server"].startswith("routes at ")
            assert "a Cordboard is connected" in said["who routes"]
