"""The parts of a recording, one after the other, told as one WAV file; never keeps or writes any sound."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from acd.adapters.sound import Sounds
from acd.adapters.wav import HEADER, SAMPLE, channels_of, header, steadily, woven


async def sound_of(sounds: Sounds, names: Sequence[str]) -> "File | Joined | None":
    """Of one part its file as it is; of more, all that have sound; None if there is none. Raises SoundAwayError."""
    if len(names) != 1:
        return await Joined.of(sounds, names)
    size = await sounds.size(names[0])
    return File(sounds, names[0], size) if size is not None else None


@dataclass(frozen=True, slots=True)
class File:
    """One part."""

    _sounds: Sounds
    _name: str
    size: int

    def read(self, start: int, length: int) -> AsyncIterator[bytes]:
        """So many bytes of it, from there. Raises SoundAwayError."""
        return self._sounds.read(self._name, start, length)


@dataclass(frozen=True, slots=True)
class _Part:
    name: str
    channels: int
    frames: int


class Joined:
    """Has two channels as soon as one part has; who is in a part with one is heard on both sides then."""

    def __init__(self, sounds: Sounds, parts: Iterable[_Part]) -> None:
        self._sounds = sounds
        self._parts = tuple(parts)
        self._channels = max((part.channels for part in self._parts), default=1)
        self._frame = self._channels * SAMPLE
        self._frames = sum(part.frames for part in self._parts)
        self.size = HEADER + self._frames * self._frame

    @classmethod
    async def of(cls, sounds: Sounds, names: Iterable[str]) -> Self | None:
        """Those of these parts of which there is sound, in this order; None if there is none. Raises SoundAwayError."""
        parts = []
        for name in names:
            size = await sounds.size(name)
            if size is not None and size > HEADER:
                beginning = b"".join([piece async for piece in sounds.read(name, 0, HEADER)])
                channels = channels_of(beginning)
                parts.append(_Part(name, channels, (size - HEADER) // (channels * SAMPLE)))
        return cls(sounds, parts) if parts else None

    async def read(self, start: int, length: int) -> AsyncIterator[bytes]:
        """So many bytes of it, from there. Raises SoundAwayError."""
        beginning = header(self._frames, self._channels)[start : start + length]
        if beginning:
            yield beginning
        length -= len(beginning)
        start = max(0, start - HEADER)
        for part in self._parts:
            there = part.frames * self._frame
            wanted = max(0, min(length, there - start))
            if wanted:
                async for piece in self._of(part, start, wanted):
                    yield piece
            length, start = length - wanted, max(0, start - there)

    async def _of(self, part: _Part, start: int, length: int) -> AsyncIterator[bytes]:
        first, skipped = divmod(start, self._frame)
        frames = -(-(skipped + length) // self._frame)
        size = part.channels * SAMPLE
        source = self._sounds.read(part.name, HEADER + first * size, frames * size)
        async for piece in steadily(source, frames * size):
            sound = piece if part.channels == self._channels else woven(piece, piece)
            sound = sound[skipped : skipped + length]
            length, skipped = length - len(sound), 0
            yield sound
