"""The tutorial's softphone, as a program of its own: it is what the page shows, and it works."""

import asyncio
import sys
from asyncio.subprocess import PIPE, STDOUT
from pathlib import Path

import pytest

from tests.cti_api.desk import PASSWORD, Desk

pytestmark = pytest.mark.slow

DOCS = Path(__file__).parents[2] / "docs"
BEGIN, END = "<!-- softphone.py: begin -->\n", "<!-- softphone.py: end -->\n"


def test_the_page_shows_the_very_program_and_it_has_a_hundred_lines():
    program = (DOCS / "softphone.py").read_text()
    _, _, rest = (DOCS / "softphone.md").read_text().partition(BEGIN)
    shown, _, _ = rest.partition(END)
    assert shown == f"```python\n{program}```\n", "copy it into the page"
    assert len(program.splitlines()) <= 100


class Terminal:
    """Where the agent sits: types, and reads until he sees what he waits for."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None and process.stdout is not None
        self._keys, self._screen = process.stdin, process.stdout
        self.seen = ""

    async def types(self, line: str) -> None:
        self._keys.write(line.encode() + b"\n")
        await self._keys.drain()

    async def sees(self, text: str) -> None:
        """Returns when this has been shown, after all that was waited for before."""
        async with asyncio.timeout(20):
            while text not in self.seen:
                line = await self._screen.readline()
                assert line, f"it has ended without {text!r}: {self.seen}"
                self.seen += line.decode()
        self.seen = self.seen.partition(text)[2]


async def test_an_agents_day_with_it(desk: Desk):
    async with desk.server() as at:
        program = await asyncio.create_subprocess_exec(
            sys.executable,
            "-u",
            DOCS / "softphone.py",
            f"http://{at}",
            "ana",
            stdin=PIPE,
            stdout=PIPE,
            stderr=STDOUT,
            env={"PYTHONPATH": str(DOCS.parent), "PYTHONUTF8": "1"},
        )
        ana = Terminal(program)
        await ana.types(PASSWORD)
        await ana.sees("[logged-out] log-in\n")
        await ana.types("log-in")
        await ana.sees("[not-ready] log-out become-ready become-not-ready\n")
        await ana.types("become-ready")
        await ana.sees("[ready]")
        desk.arrives("c1")
        await ana.sees("* 王芳 for Support\n  call no. 2 in a day; last time: not-solved\n")
        await ana.sees("[offered]")
        desk.talks("c1")
        await ana.sees("- call-connected\n")
        await ana.sees("solved not-solved\n")
        await ana.types("not-solved")
        await ana.types("finish-wrap-up")  # There is no such button now.
        await ana.sees("[busy-acd]")
        desk.services.sockets._begin_anew()  # The line breaks, and mends itself.
        desk.hangs_up("c1")
        await ana.sees("- call-ended\n")
        await ana.sees("[wrap-up]")
        await ana.types("finish-wrap-up")
        await ana.sees("[ready]")
        assert program.stdin is not None
        program.stdin.close()
        assert await asyncio.wait_for(program.wait(), 20) == 0
    assert desk.switchboard.board.agents["ana"].state == "ready"  # type: ignore[index]
