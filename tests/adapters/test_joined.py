"""Parts of a recording told as one file: any range of it, whatever parts are in stereo."""

import wave
from io import BytesIO
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from acd.adapters.joined import sound_of
from acd.adapters.sound import Folder
from acd.adapters.stereo import Stereo
from acd.core.ids import CallId, Side, recording_name, side_name
from tests.adapters.test_stereo import noise, write

CALL = CallId("pbx1:1750.9")
NAMES = [recording_name(CALL, part) for part in (1, 2, 3, 4)]


def in_stereo(folder: Path, part: int, said: list[int], heard: list[int]) -> None:
    write(folder, side_name(CALL, part, Side.SAID), said)
    write(folder, side_name(CALL, part, Side.HEARD), heard)


async def heard(folder: Path, start: int, length: int | None = None) -> bytes:
    sound = await sound_of(Stereo(Folder(folder)), NAMES)
    assert sound is not None
    wanted = sound.size - start if length is None else length
    return b"".join([piece async for piece in sound.read(start, wanted)])


def played(sound: bytes) -> tuple[int, list[int]]:
    with wave.open(BytesIO(sound)) as file:
        assert (file.getsampwidth(), file.getframerate()) == (2, 8_000)
        samples = memoryview(file.readframes(file.getnframes())).cast("h").tolist()
        assert len(samples) == file.getnframes() * file.getnchannels()
        return file.getnchannels(), samples


async def test_parts_in_mono_follow_each_other(tmp_path: Path) -> None:
    first, third = noise(20_000), noise(333)
    write(tmp_path, NAMES[0], first)
    write(tmp_path, NAMES[1], [])  # It was stopped before anything was said.
    write(tmp_path, NAMES[2], third)
    assert played(await heard(tmp_path, 0)) == (1, first + third)


async def test_one_in_stereo_makes_all_of_it_so_and_who_is_in_mono_is_on_both_sides(
    tmp_path: Path,
) -> None:
    mono, said, other = noise(700), noise(500), noise(480)
    write(tmp_path, NAMES[0], mono)
    in_stereo(tmp_path, 3, said, other)
    channels, samples = played(await heard(tmp_path, 0))
    assert (channels, samples[0::2]) == (2, mono + said)
    assert samples[1::2] == mono + other + [0] * 20


async def test_of_one_part_it_is_the_file_itself(tmp_path: Path) -> None:
    write(tmp_path, NAMES[0], noise(90))
    sound = await sound_of(Stereo(Folder(tmp_path)), NAMES[:1])
    assert sound is not None
    everything = b"".join([piece async for piece in sound.read(0, sound.size)])
    assert everything == (tmp_path / f"{NAMES[0]}.wav").read_bytes()


@pytest.mark.parametrize("names", [NAMES, NAMES[:1], []])
async def test_where_nothing_is_kept_there_is_none(tmp_path: Path, names: list[str]) -> None:
    assert await sound_of(Stereo(Folder(tmp_path)), names) is None


@given(st.data())
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_any_range_is_as_if_it_were_one_file(tmp_path: Path, data: st.DataObject) -> None:
    random = Random(3)
    sounds = [[random.randint(-99, 99) for _ in range(n)] for n in (17_000, 5, 18_001, 18_000)]
    write(tmp_path, NAMES[0], sounds[0])
    write(tmp_path, NAMES[1], sounds[1])
    in_stereo(tmp_path, 4, sounds[2], sounds[3])
    everything = await heard(tmp_path, 0)
    assert len(everything) == 44 + 4 * (17_000 + 5 + 18_001)
    start = data.draw(st.integers(0, len(everything) - 1) | st.integers(68_000, 68_100))
    length = data.draw(st.integers(0, len(everything) - start))
    assert await heard(tmp_path, start, length) == everything[start : start + length]
