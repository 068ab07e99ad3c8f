"""What the maker of a client gets wrong is told so that he need not guess: where, what, and what would be right."""

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.cti_api.desk import Desk

STATE = "/v1/agents/ana/state"
HAND_ON = "/v1/calls/x/transfer"
JSON = "application/json"
SECRET = "s3cret"


@pytest.mark.parametrize(
    ("method", "path", "kind", "body", "status", "said"),
    [
        (
            "PUT",
            STATE,
            "text/plain",
            b'{"state": "ready"}',
            422,
            "The body is not said to be JSON: send it with Content-Type: application/json.",
        ),
        (
            "PUT",
            STATE,
            "application/x-www-form-urlencoded",
            b"state=ready",
            422,
            "The body is not said to be JSON: send it with Content-Type: application/json.",
        ),
        ("PUT", STATE, JSON, b"", 422, "The body is missing: send JSON."),
        ("PUT", STATE, JSON, b"{}", 422, "state: is missing"),
        ("PUT", STATE, JSON, b'["s3cret"]', 422, "The body is no JSON object: send {…}."),
        (
            "PUT",
            STATE,
            JSON,
            b'{"state": "s3cret"}',
            422,
            "state: must be one of 'ready', 'not-ready'",
        ),
        (
            "PUT",
            STATE,
            JSON,
            b'{"state": "ready", "when": "s3cret"}',
            422,
            "when: is not expected here",
        ),
        (
            "PUT",
            STATE,
            JSON,
            b'{"state": "not-ready", "reason": ["s3cret"]}',
            422,
            "reason: Input should be a valid string",
        ),
        (
            "PUT",
            STATE,
            JSON,
            b'{"state" "ready"}',
            422,
            "The body is no JSON: Expecting ':' delimiter, at character 10.",
        ),
        ("PUT", STATE, JSON, b"\xff", 422, "The body is not understood: send JSON, in UTF-8."),
        (
            "PUT",
            STATE,
            JSON,
            b"[" * 9_000,
            422,
            "The body is not understood: send JSON, in UTF-8.",
        ),
        ("POST", STATE, JSON, b"{}", 405, "This address takes PUT, and not POST."),
        (
            "GET",
            "/v1/agents/",
            JSON,
            b"",
            404,
            "There is nothing at this address: /v1/openapi.json lists all that there is.",
        ),
        (
            "POST",
            HAND_ON,
            JSON,
            b'{"queue": "sales", "agent": "s3cret"}',
            422,
            "agent: is not expected here, or queue: is not expected here",
        ),
        (
            "POST",
            HAND_ON,
            JSON,
            b"{}",
            422,
            "queue: is missing, or agent: is missing, or number: is missing",
        ),
        (
            "POST",
            HAND_ON,
            JSON,
            b'{"number": ["s3cret"]}',
            422,
            "number: Input should be a valid string",
        ),
        (
            "GET",
            "/v1/audit?limit=s3cret",
            JSON,
            b"",
            422,
            "limit: Input should be a valid integer, unable to parse string as an integer",
        ),
    ],
)
async def test_a_request_that_is_wrong(
    desk: Desk, method: str, path: str, kind: str, body: bytes, status: int, said: str
):
    async with desk.client("sue") as client:
        answer = await client.request(method, path, content=body, headers={"Content-Type": kind})
    assert answer.status_code == status, answer.text
    assert SECRET not in answer.text, "it may be a password"
    assert answer.json()["error"]["message"] == said


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (
            "/v1/audit?limt=5",
            "limt: is not expected here; there is agent, before, limit",
        ),
        ("/v1/me?token=s3cret&token=x&y=1", "token: is not expected here; y: is not expected here"),
        (
            "/v1/events/stream?topics=calls",
            "topics: is not expected here; there is ticket, resume, scope, topic, queue",
        ),
    ],
)
async def test_a_parameter_that_is_misspelt_is_not_passed_over(desk: Desk, path: str, said: str):
    async with desk.client("sue") as client:
        answer = await client.get(path)
    assert (answer.status_code, answer.json()["error"]["message"]) == (422, said)


async def test_nor_is_one_of_the_socket(desk: Desk):
    async with desk.server() as at:
        token = {"Authorization": f"Bearer {await desk.token('sue')}"}
        with pytest.raises(InvalidStatus) as refused:
            await connect(f"ws://{at}/v1/events?topics=calls", additional_headers=token)
        assert refused.value.response.status_code == 422
        assert b"there is ticket, resume, scope, topic, queue" in refused.value.response.body
        async with connect(f"ws://{at}/v1/events?topic=calls", additional_headers=token) as socket:
            assert b"snapshot" in (await socket.recv(decode=False))[:40]
