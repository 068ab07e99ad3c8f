"""Work that takes seconds, done in a process of its own, so that no call waits for it; knows nothing of the work.

The module is run as a program: it is given JSON on its standard input, and what it prints is the answer.
"""

import asyncio
import os
import sys
from contextlib import suppress

_LEAST_OF_ALL = 19  # As `nice` counts.


class TooLongError(Exception):
    """It takes longer than somebody waits for."""


async def done_apart(module: str, asked: bytes, *, patience_s: float) -> bytes:
    """What this module says when it is asked this. Raises TooLongError."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(patience_s):
            said, _ = await process.communicate(asked)
    except TimeoutError as error:
        raise TooLongError from error
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    return said


def give_way() -> None:
    """Let everything else on this machine go first."""
    os.nice(_LEAST_OF_ALL)
