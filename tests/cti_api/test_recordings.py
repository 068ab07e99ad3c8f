"""What was said, over the API: who may know of it, who may hear it, and which bytes of it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import pytest

from acd.core.ids import AgentId, CallId, recording_name
from cti_api.shapes.recordings import RECORDING
from tests.cti_api.desk import Desk

NAME = recording_name(CallId("pbx1:1750.9"), 1)
SOUND = bytes(range(256)) * 4


class Played:
    """The sound of so many parts."""

    def __init__(self, shelf: "Shelf", names: Sequence[str]) -> None:
        self.size = len(SOUND) * len(names)
        self._shelf, self._names = shelf, names

    async def read(self, start: int, length: int) -> AsyncIterator[bytes]:
        noted = {name for _, name in self._shelf.noted}
        assert noted == set(self._names), "heard before it was noted"
        yield (SOUND * len(self._names))[start : start + length]


class Shelf:
    """One recording, of a call of ana's."""

    agents_hear = False
    parts: Sequence[Mapping[str, Any]] = ({"id": NAME},)

    def __init__(self) -> None:
        self.sha256: str | None = str(RECORDING["sha256"])
        self.asked: list[Mapping[str, Any]] = []
        self.noted: list[tuple[str, str]] = []

    async def listed(self, **asked: Any) -> Sequence[Mapping[str, Any]]:
        self.asked.append(asked)
        rows = [RECORDING | dict(part) for part in self.parts]
        return rows if asked["of"] in (None, "ana") else []

    async def find(self, name: str, *, of: AgentId | None) -> Mapping[str, Any] | None:
        row = RECORDING | {"id": NAME, "sha256": self.sha256}
        return row if name == NAME and of in (None, "ana") else None

    async def sound(self, names: Sequence[str]) -> Played:
        return Played(self, names)

    async def note_heard(self, name: str, *, by: str) -> None:
        self.noted.append((by, name))


def desk_with(shelf: Shelf) -> Desk:
    return Desk(recordings=shelf)


PATHS = ("/v1/recordings", f"/v1/recordings/{NAME}", f"/v1/recordings/{NAME}/sound")


@pytest.mark.parametrize(
    ("who", "centre_lets_him", "answers"),
    [
        ("sue", False, (200, 200, 200)),
        ("root", False, (200, 200, 200)),
        ("aude", False, (200, 200, 200)),
        ("ana", True, (200, 200, 200)),
        ("ana", False, (403, 403, 403)),
        ("bob", True, (200, 404, 404)),  # He has not talked in it.
        ("ruth", True, (403, 403, 403)),
        ("olga", True, (403, 403, 403)),
    ],
)
async def test_who_may_hear_it(who: str, centre_lets_him: bool, answers: tuple[int, ...]) -> None:
    shelf = Shelf()
    shelf.agents_hear = centre_lets_him
    async with desk_with(shelf).client(who) as client:
        said = [await client.get(path.replace("%", "%25")) for path in PATHS]
    assert tuple(one.status_code for one in said) == answers
    assert shelf.noted == ([(who, NAME)] if answers[2] == 200 else [])


@pytest.mark.parametrize(
    ("wanted", "status", "bytes_"),
    [
        (None, 200, SOUND),
        ("bytes=0-", 200, SOUND),
        ("bytes=0-1023", 200, SOUND),
        ("bytes=0-0", 206, SOUND[:1]),
        ("bytes=10-19", 206, SOUND[10:20]),
        ("bytes=1000-", 206, SOUND[1000:]),
        ("bytes=1000-99999", 206, SOUND[1000:]),
        ("bytes=-24", 206, SOUND[1000:]),
        ("bytes=-99999", 200, SOUND),
        ("bytes=0-1,5-6", 200, SOUND),  # Several ranges: all of it is an answer, too.
        ("lines=1-2", 200, SOUND),
        ("bytes=-", 200, SOUND),
        ("bytes=5-2", 416, b""),
        ("bytes=1024-", 416, b""),
        ("bytes=-0", 416, b""),
    ],
)
async def test_which_bytes(wanted: str | None, status: int, bytes_: bytes) -> None:
    async with desk_with(Shelf()).client("sue") as client:
        headers = {"Range": wanted} if wanted else {}
        said = await client.get(PATHS[2].replace("%", "%25"), headers=headers)
    assert said.status_code == status
    if status == 416:
        assert said.headers["content-range"] == "bytes */1024"
        assert said.json()["error"]["reason"] == "no-such-range"
        return
    assert said.content == bytes_ and said.headers["content-length"] == str(len(bytes_))
    assert said.headers["accept-ranges"] == "bytes" and said.headers["cache-control"] == "no-store"
    if status == 206:
        start = SOUND.index(bytes_) if len(bytes_) < 256 else 0
        assert said.headers["content-range"].startswith(f"bytes {start % 1024}") or start < 256


ETAG = f'"{RECORDING["sha256"]}"'


@pytest.mark.parametrize(
    ("known", "status"),
    [
        (ETAG, 206),
        ('"another"', 200),
        (f"W/{ETAG}", 200),  # A weak one says nothing of bytes.
        ("Mon, 23 Nov 2026 03:25:00 GMT", 200),
    ],
)
async def test_a_part_of_another_sound_than_he_has_is_not_sent(known: str, status: int) -> None:
    async with desk_with(Shelf()).client("sue") as client:
        headers = {"Range": "bytes=10-19", "If-Range": known}
        said = await client.get(PATHS[2].replace("%", "%25"), headers=headers)
    assert said.status_code == status
    assert said.content == (SOUND[10:20] if status == 206 else SOUND)
    assert said.headers["etag"] == ETAG


async def test_a_sound_that_grows_has_no_name_yet() -> None:
    shelf = Shelf()
    shelf.sha256 = None
    async with desk_with(shelf).client("sue") as client:
        headers = {"Range": "bytes=10-19", "If-Range": '"None"'}
        said = await client.get(PATHS[2].replace("%", "%25"), headers=headers)
    assert (said.status_code, said.headers.get("etag")) == (200, None)


async def test_who_asks_how_large_it_is_has_not_heard_it() -> None:
    shelf = Shelf()
    async with desk_with(shelf).client("sue") as client:
        path = PATHS[2].replace("%", "%25")
        whole = await client.head(path)
        part = await client.head(path, headers={"Range": "bytes=10-19"})
        lost = await client.head(path.replace("1750", "1751"))
        other = await client.head("/v1/recordings")
    assert (whole.status_code, whole.content) == (200, b"")
    assert whole.headers["content-length"] == "1024" and whole.headers["etag"] == ETAG
    assert whole.headers["content-type"] == "audio/wav"
    assert part.status_code == 200, "Range is for GET alone"
    assert lost.status_code == 404
    assert (other.status_code, other.headers["allow"]) == (405, "GET")
    assert shelf.noted == []


async def test_what_is_asked_for_is_passed_on() -> None:
    shelf = Shelf()
    async with desk_with(shelf).client("sue") as client:
        await client.get("/v1/recordings?call=c&queue=q&agent=ana&since=5&before=9&limit=7")
    (asked,) = shelf.asked
    assert asked == {
        "call": "c",
        "queue": "q",
        "agent": "ana",
        "of": None,
        "since": 5,
        "before": 9,
        "limit": 7,
    }


CALL = "/v1/calls/pbx1%3A1750.9/recording/sound"
SECOND, THIRD = (recording_name(CallId("pbx1:1750.9"), part) for part in (2, 3))


def of_a_call() -> Shelf:
    """Newest first, as they are listed; the third part grows."""
    shelf = Shelf()
    shelf.parts = (
        {"id": THIRD, "part": 3, "sha256": None, "bytes": None},
        {"id": SECOND, "part": 2, "sha256": "b" * 64},
        {"id": NAME, "part": 1, "sha256": "a" * 64},
    )
    return shelf


async def test_all_of_a_call_is_heard_from_its_first_part_on_and_each_part_is_noted() -> None:
    shelf = of_a_call()
    async with desk_with(shelf).client("sue") as client:
        heard = await client.get(CALL)
        part = await client.get(CALL, headers={"Range": "bytes=1023-1025"})
    assert heard.content == SOUND * 2
    assert shelf.noted == [("sue", NAME), ("sue", SECOND)] * 2
    assert (part.status_code, part.content) == (206, (SOUND * 2)[1023:1026])
    assert shelf.asked[0] | {"limit": 500} == {
        "call": "pbx1:1750.9",
        "limit": 500,
        **dict.fromkeys(("queue", "agent", "of", "since", "before")),
    }


async def test_when_one_more_part_is_whole_it_is_another_sound() -> None:
    shelf = of_a_call()
    async with desk_with(shelf).client("sue") as client:
        tags = [(await client.head(CALL)).headers["etag"]]
        shelf.parts = [{**shelf.parts[0], "sha256": "c" * 64}, *shelf.parts[1:]]
        tags.append((await client.head(CALL)).headers["etag"])
        shelf.parts = shelf.parts[2:]
        tags.append((await client.head(CALL)).headers["etag"])
    assert len(set(tags)) == 3 and tags[2] == f'"{"a" * 64}"'
    assert shelf.noted == []


@pytest.mark.parametrize(
    ("who", "centre_lets_him", "status"),
    [("sue", False, 200), ("ana", True, 200), ("ana", False, 403), ("bob", True, 404)],
)
async def test_who_may_hear_all_of_it(who: str, centre_lets_him: bool, status: int) -> None:
    shelf = of_a_call()
    shelf.agents_hear = centre_lets_him
    async with desk_with(shelf).client(who) as client:
        assert (await client.get(CALL)).status_code == status
    assert len(shelf.noted) == (2 if status == 200 else 0)


async def test_of_a_call_of_which_nothing_is_whole_nothing_is_heard() -> None:
    shelf = of_a_call()
    shelf.parts = shelf.parts[:1]
    async with desk_with(shelf).client("sue") as client:
        said = await client.get(CALL)
    assert (said.status_code, said.json()["error"]["reason"]) == (404, "unknown-recording")
