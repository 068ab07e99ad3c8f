"""Two files told as one in stereo: any range of it, as if it stood on the disk."""

import struct
import wave
from io import BytesIO
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from acd.adapters.sound import Folder, SoundAwayError, copied, digest_of
from acd.adapters.stereo import Stereo, sounds_at
from acd.core.ids import CallId, Side, recording_name, side_name

CALL = CallId("pbx1:1750.9")
NAME = recording_name(CALL, 1)
RANDOM = Random(7)


def write(folder: Path, name: str, samples: list[int]) -> None:
    with wave.open(str(folder / f"{name}.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8_000)
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))


def recorded(folder: Path, said: list[int] | None, heard: list[int] | None) -> Stereo:
    for side, samples in ((Side.SAID, said), (Side.HEARD, heard)):
        if samples is not None:
            write(folder, side_name(CALL, 1, side), samples)
    return Stereo(Folder(folder))


def noise(samples: int) -> list[int]:
    return [RANDOM.randint(-32_768, 32_767) for _ in range(samples)]


async def read(sounds: Stereo, start: int, length: int) -> bytes:
    return b"".join([piece async for piece in sounds.read(NAME, start, length)])


@pytest.mark.parametrize(
    ("left", "right"), [(1, 1), (50_000, 50_000), (50_000, 49_840), (320, 40_000), (0, 7), (9, 0)]
)
async def test_players_find_both_and_silence_where_one_has_ended(
    tmp_path: Path, left: int, right: int
) -> None:
    said, heard = noise(left), noise(right)
    sounds = recorded(tmp_path, said, heard)
    size = await sounds.size(NAME)
    assert size is not None
    with wave.open(BytesIO(await read(sounds, 0, size))) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (2, 2, 8_000)
        assert file.getnframes() == max(left, right)
        frames = memoryview(file.readframes(file.getnframes())).cast("h").tolist()
    assert frames[0::2] == said + [0] * (max(left, right) - left)
    assert frames[1::2] == heard + [0] * (max(left, right) - right)


@pytest.mark.parametrize("missing", Side)
async def test_of_a_half_that_is_not_there_it_is_silent(tmp_path: Path, missing: Side) -> None:
    there = noise(100)
    halves = (None, there) if missing is Side.SAID else (there, None)
    sounds = recorded(tmp_path, *halves)
    assert await sounds.size(NAME) == 44 + 400
    frames = memoryview(await read(sounds, 44, 400)).cast("h").tolist()
    silent = 0 if missing is Side.SAID else 1
    assert (frames[silent::2], frames[1 - silent :: 2]) == ([0] * 100, there)


@given(st.data())
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_any_range_is_as_if_it_were_one_file(tmp_path: Path, data: st.DataObject) -> None:
    sounds = recorded(tmp_path, noise(33_000), noise(32_999))
    size = await sounds.size(NAME)
    assert size is not None
    everything = await read(sounds, 0, size)
    assert len(everything) == size
    start = data.draw(st.integers(0, size - 1) | st.integers(0, 60))
    length = data.draw(st.integers(0, size - start))
    assert await read(sounds, start, length) == everything[start : start + length]


async def test_it_is_copied_digested_and_removed_as_one(tmp_path: Path) -> None:
    sounds = recorded(tmp_path, noise(500), noise(480))
    digest = await digest_of(sounds, NAME)
    assert digest is not None and digest[0] == 44 + 2_000
    folder = tmp_path / "his"
    await copied(sounds, NAME, folder)
    assert (folder / f"{NAME}.wav").stat().st_size == 44 + 2_000
    await sounds.remove(NAME)
    await sounds.remove(NAME)
    assert await sounds.size(NAME) is None
    assert not list(tmp_path.glob("*.wav"))  # noqa: ASYNC240
    with pytest.raises(SoundAwayError):
        await read(sounds, 0, 10)


async def test_one_in_mono_is_handed_out_as_it_is(tmp_path: Path) -> None:
    write(tmp_path, NAME, noise(900))
    sounds = sounds_at(tmp_path, "http://127.0.0.1:9/ari", "cordboard", "secret")
    sound = (tmp_path / f"{NAME}.wav").read_bytes()
    assert await sounds.size(NAME) == len(sound)
    assert b"".join([piece async for piece in sounds.read(NAME, 10, 99)]) == sound[10:109]
    await sounds.close()
    with pytest.raises(ValueError, match="no recording of ours"):
        await sounds.size("../secret")
