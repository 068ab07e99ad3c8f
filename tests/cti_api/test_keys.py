"""Keys of systems, and log-ins that an admin ends."""

import logging

import pytest

from cti_api.tokens import Tokens
from tests.cti_api.desk import PASSWORD, Desk

DAY_MS = 86_400_000
WANTED = {"user": "ruth", "name": "router, production", "days": 2}


async def test_a_system_acts_with_a_key_as_its_user_until_its_days_are_over():
    desk = Desk()
    async with desk.client("root") as root, desk.client() as system:
        made = await root.post("/v1/keys", json=WANTED)
        assert made.status_code == 201
        key = made.json()
        assert (
            key["key"].startswith("cordboard_key_") and key["expires_at"] == desk.now + 2 * DAY_MS
        )
        assert (await root.get("/v1/keys")).json() == [{k: key[k] for k in key if k != "key"}]
        system.headers["Authorization"] = f"Bearer {key['key']}"
        me = (await system.get("/v1/me")).json()
        assert (me["user"], me["role"], me["expires_at"]) == ("ruth", "router", key["expires_at"])
        desk.now += 2 * DAY_MS
        assert (await system.get("/v1/me")).status_code == 401
        again = await desk.token("root")
        root.headers["Authorization"] = f"Bearer {again}"
        assert (await root.get("/v1/keys")).json() == []
        assert (await root.delete(f"/v1/keys/{key['id']}")).json()["error"][
            "reason"
        ] == "unknown-key"


async def test_a_key_that_is_revoked_is_worth_nothing_at_once(caplog: pytest.LogCaptureFixture):
    desk = Desk()
    with caplog.at_level(logging.INFO):
        async with desk.client("root") as root, desk.client() as system:
            one, two = [(await root.post("/v1/keys", json=WANTED)).json() for _ in range(2)]
            system.headers["Authorization"] = f"Bearer {one['key']}"
            assert (await system.get("/v1/me")).status_code == 200
            assert (await root.delete(f"/v1/keys/{one['id']}")).status_code == 204
            assert (await system.get("/v1/me")).status_code == 401
            assert [key["id"] for key in (await root.get("/v1/keys")).json()] == [two["id"]]
    assert f"key {one['id']} for user ruth was revoked by root" in caplog.text
    assert one["key"] not in caplog.text and two["key"] not in caplog.text


async def test_a_key_is_never_kept_for_who_asks_again():
    desk = Desk()
    async with desk.client("root") as root:
        headers = {"Idempotency-Key": "6f0c"}
        keys = [
            (await root.post("/v1/keys", json=WANTED, headers=headers)).json() for _ in range(2)
        ]
    assert keys[0]["key"] != keys[1]["key"]


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        (WANTED | {"user": "nobody"}, "unknown-user"),
        (WANTED | {"days": 0}, "invalid"),
        (WANTED | {"days": 3651}, "invalid"),
        (WANTED | {"name": ""}, "invalid"),
        (WANTED | {"name": "a\nb"}, "invalid"),
    ],
)
async def test_a_key_that_cannot_be_is_refused(wanted: dict[str, object], reason: str):
    async with Desk().client("root") as root:
        answer = await root.post("/v1/keys", json=wanted)
        assert answer.json()["error"]["reason"] == reason


async def test_an_admin_ends_every_log_in_of_a_user_and_none_of_his_keys():
    desk = Desk()
    async with desk.client("root") as root, desk.client("ana") as ana, desk.client() as system:
        key = (await root.post("/v1/keys", json=WANTED | {"user": "ana"})).json()["key"]
        system.headers["Authorization"] = f"Bearer {key}"
        other = await ana.post("/v1/session", json={"user": "ana", "password": PASSWORD})
        assert (await root.delete("/v1/users/ana/sessions")).status_code == 204
        for token in (ana.headers["Authorization"], f"Bearer {other.json()['token']}"):
            answer = await ana.get("/v1/me", headers={"Authorization": token})
            assert answer.status_code == 401
        assert (await system.get("/v1/me")).status_code == 200
        assert (await root.get("/v1/me")).status_code == 200
        answer = await root.delete("/v1/users/nobody/sessions")
        assert answer.json()["error"]["reason"] == "unknown-user"


async def test_keys_do_not_make_room_for_log_ins_nor_log_ins_for_keys():
    tokens = Tokens()
    key, _ = await tokens.make_key("ana", "softphone", 0, DAY_MS)
    issued = [(await tokens.issue("ana", n))[0] for n in range(40)]
    assert await tokens.proven(key, 50) is not None
    assert [await tokens.proven(token, 50) is not None for token in issued] == [False] * 8 + [
        True
    ] * 32
