"""The demo as a visitor runs it: its sums check, and however it ends, nothing of it is left running."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Thread

import pytest

from acd.adapters.asterisk.lab_parts import Parts
from tests.live.waiting import until

pytestmark = [pytest.mark.live, pytest.mark.timeout(120)]

CORDBOARD = Path(sys.executable).with_name("cordboard")
SUMMARY = re.compile(
    r"(\d+) calls = (\d+) answered \+ (\d+) abandoned \+ (\d+) other; (\d+) recognised as repeat"
)


class Demo:
    """One run, in a folder for temporary files by which whatever is left of it can be told."""

    def __init__(self, folder: Path, *, terminal: bool) -> None:
        folder.mkdir()
        self.folder = folder
        self._shown: list[bytes] = []
        ours, its = pty.openpty() if terminal else os.pipe()
        self.process = subprocess.Popen(
            [CORDBOARD, "demo", "--speed", "3"],
            stdin=subprocess.DEVNULL,
            stdout=its,
            stderr=its,
            env={**os.environ, "TMPDIR": str(folder), "TERM": "xterm", "COLUMNS": "150"},
            start_new_session=True,
            # Whatever a shell starts in the background ignores it, and so does all that it starts.
            preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
        )
        os.close(its)
        self._reader = Thread(target=self._read, args=(ours,), daemon=True)
        self._reader.start()

    def _read(self, ours: int) -> None:
        try:
            while data := os.read(ours, 65536):
                self._shown.append(data)
        except OSError:
            pass  # A terminal whose other side is gone says so in this way.
        os.close(ours)

    @property
    def text(self) -> str:
        """What it has shown, without colours and movements of the cursor."""
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", b"".join(self._shown).decode(errors="replace"))

    def ends(self, within_s: float) -> int:
        until(lambda: self.process.poll() is not None, within_s=within_s, what="the demo has ended")
        self._reader.join(5)
        return self.process.wait()

    def left(self) -> list[str]:
        """Processes that are its children's children, or stand in its folder."""
        mark = str(self.folder).encode()
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                told = (process / "environ").read_bytes() + (process / "cmdline").read_bytes()
                where = os.fsencode((process / "cwd").readlink())
            except OSError:
                continue  # It ended while we looked.
            if mark in told + where:
                found.append((process / "cmdline").read_text(errors="replace"))
        return found


@contextmanager
def running(folder: Path, *, terminal: bool) -> Iterator[Demo]:
    demo = Demo(folder, terminal=terminal)
    try:
        yield demo
    except BaseException:
        print(demo.text[-4000:])
        raise
    finally:
        if demo.process.poll() is None:
            demo.process.kill()
            demo.process.wait()


def test_the_demo_to_its_end_and_interrupted_on_a_terminal_and_off(
    parts: Parts, tmp_path: Path
) -> None:
    """All four beside each other: they have an Asterisk each, and so must not know of one another."""
    with (
        running(tmp_path / "a", terminal=True) as shown,
        running(tmp_path / "b", terminal=False) as printed,
        running(tmp_path / "c", terminal=True) as stopped_shown,
        running(tmp_path / "d", terminal=False) as stopped_printed,
    ):
        for stopped in (stopped_shown, stopped_printed):
            until(lambda stopped=stopped: "talks with" in stopped.text, within_s=30)
            assert stopped.left(), "what is looked for can be seen"
            stopped.process.send_signal(signal.SIGINT)
            assert stopped.ends(10) == 130
            assert "Traceback" not in stopped.text
            assert "Stopped. Nothing is left running." in stopped.text
            until(lambda stopped=stopped: not stopped.left(), within_s=2, what="nothing is left")
            assert not list(stopped.folder.iterdir()), "its files are gone"
        for whole in (shown, printed):
            assert whole.ends(75) == 0
            assert "Traceback" not in whole.text
            (found,) = SUMMARY.findall(whole.text)
            calls, answered, abandoned, other, repeats = map(int, found)
            assert calls == answered + abandoned + other == 14
            assert (other, repeats) == (0, 4)
            until(lambda whole=whole: not whole.left(), within_s=2, what="nothing is left")
            assert not list(whole.folder.iterdir()), "its files are gone"
    assert "what happens" in shown.text, "the screen was drawn"
