"""The bytes of the files that Asterisk writes as `wav`, 16 bits at 8 kHz; pure, and knows where no file is."""

import struct
from collections.abc import AsyncIterator

RATE = 8_000
HEADER = 44  # Bytes before the sound.
SAMPLE = 2  # Bytes of one.
_PIECE = 32 * 1024


def header(frames: int, channels: int) -> bytes:
    """What stands before so many frames: PCM, as the RIFF specification has it."""
    frame = channels * SAMPLE
    sound = min(frames * frame, 2**32 - 1 - HEADER)
    form = struct.pack("<IHHIIHH", 16, 1, channels, RATE, RATE * frame, frame, 8 * SAMPLE)
    riff = struct.pack("<4sI4s4s", b"RIFF", HEADER - 8 + sound, b"WAVE", b"fmt ")
    return riff + form + struct.pack("<4sI", b"data", sound)


def channels_of(beginning: bytes) -> int:
    """How many channels a file has that begins so; 1 if that is no beginning of such a file."""
    return 2 if beginning[22:24] == b"\2\0" else 1


def woven(left: bytes, right: bytes) -> bytes:
    """Two channels of one length as one sound: sample by sample, in turns."""
    whole, frame = bytearray(len(left) + len(right)), 2 * SAMPLE
    for at, half in ((0, left), (SAMPLE, right)):
        whole[at::frame], whole[at + 1 :: frame] = half[::2], half[1::2]
    return bytes(whole)


async def steadily(source: AsyncIterator[bytes] | None, length: int) -> AsyncIterator[bytes]:
    """So many bytes of this sound, in pieces of one length; silence where there is no more of it."""
    buffer = bytearray()
    while length:
        piece = min(_PIECE, length)
        while len(buffer) < piece:
            got = await anext(source, b"") if source is not None else b""
            buffer += got or bytes(piece - len(buffer))
        yield bytes(buffer[:piece])
        del buffer[:piece]
        length -= piece
