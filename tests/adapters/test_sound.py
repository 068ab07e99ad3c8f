"""Files of recordings: found in a folder or at Asterisk, in pieces, and nothing else is ever reached."""

from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path

import pytest
from aiohttp import web

from acd.adapters.sound import AtAsterisk, Folder, SoundAwayError, Sounds, digest_of
from acd.core.ids import CallId, recording_name

NAME = recording_name(CallId("pbx1:1750.9"), 1)
GONE = recording_name(CallId("pbx1:1750.9"), 2)
SOUND = bytes(range(256)) * 1_000


@pytest.fixture(params=["folder", "asterisk"])
async def sounds(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Sounds]:
    """One recording, here or there."""
    if request.param == "folder":
        (tmp_path / f"{NAME}.wav").write_bytes(SOUND)
        yield Folder(tmp_path)
        return
    kept = {NAME: SOUND}

    async def file(asked: web.Request) -> web.Response:
        assert asked.headers["Authorization"].startswith("Basic ")
        name = asked.match_info["name"]
        return web.Response(body=kept[name]) if name in kept else web.Response(status=404)

    async def remove(asked: web.Request) -> web.Response:
        found = kept.pop(asked.match_info["name"], None)
        return web.Response(status=404 if found is None else 204)

    app = web.Application()
    app.router.add_get("/ari/recordings/stored/{name}/file", file)
    app.router.add_delete("/ari/recordings/stored/{name}", remove)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    asterisk = AtAsterisk(f"http://127.0.0.1:{port}/ari", "cordboard", "secret")
    yield asterisk
    await asterisk.close()
    await runner.cleanup()


async def read(sounds: Sounds, start: int, length: int, name: str = NAME) -> bytes:
    return b"".join([piece async for piece in sounds.read(name, start, length)])


@pytest.mark.parametrize(
    ("start", "length"),
    [(0, 256_000), (0, 1), (1, 10), (65_535, 3), (200_000, 56_000), (255_999, 1)],
)
async def test_any_part_of_it(sounds: Sounds, start: int, length: int) -> None:
    assert await read(sounds, start, length) == SOUND[start : start + length]


async def test_what_it_is(sounds: Sounds) -> None:
    assert await sounds.size(NAME) == len(SOUND)
    assert await digest_of(sounds, NAME) == (len(SOUND), sha256(SOUND).hexdigest())
    assert await sounds.size(GONE) is None and await digest_of(sounds, GONE) is None


async def test_it_is_removed_once_and_for_all(sounds: Sounds) -> None:
    await sounds.remove(NAME)
    await sounds.remove(NAME)
    assert await sounds.size(NAME) is None


@pytest.mark.parametrize(
    "name",
    [
        "../secret",
        "/etc/passwd",
        "..",
        "",
        "secret",
        "cordboard~../../secret~1",
        "cordboard~a/b~1",
        NAME + "/../x",
    ],
)
async def test_no_other_name_reaches_anything(sounds: Sounds, tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.wav").write_text("secret")
    for work in (sounds.size(name), sounds.remove(name), read(sounds, 0, 9, name)):
        with pytest.raises(ValueError, match="no recording of ours"):
            await work


async def test_an_asterisk_that_is_away_is_told() -> None:
    away = AtAsterisk("http://127.0.0.1:9/ari", "cordboard", "secret")
    for work in (away.size(NAME), away.remove(NAME), read(away, 0, 9)):
        with pytest.raises(SoundAwayError, match="cannot be asked"):
            await work
    await away.close()


async def test_a_folder_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / f"{NAME}.wav").mkdir()
    for work in (read(Folder(tmp_path), 0, 9), Folder(tmp_path).remove(NAME)):
        with pytest.raises(SoundAwayError, match="cannot be"):
            await work
