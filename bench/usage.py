"""Reads from the kernel what a process has used; must never ask the process itself."""

import os
from dataclasses import dataclass
from pathlib import Path

_TICK_S = 1 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """So far in its life, all threads together."""

    cpu_s: float
    resident_mb: float


def usage_of(pid: int) -> Usage:
    """Of this process alone, its children left out."""
    folder = Path("/proc") / str(pid)
    # The name in brackets may hold blanks; user and system time are the 14th and 15th field.
    fields = (folder / "stat").read_text().rpartition(")")[2].split()
    pages = int((folder / "statm").read_text().split()[1])
    return Usage(
        cpu_s=(int(fields[11]) + int(fields[12])) * _TICK_S,
        resident_mb=pages * os.sysconf("SC_PAGE_SIZE") / 1e6,
    )


def descendant(pid: int, name: str) -> int:
    """The process of this name at or below `pid`, or 0: what a wrapper such as unshare has started."""
    folder = Path("/proc") / str(pid)
    if (folder / "comm").read_text().strip() == name:
        return pid
    for child in (folder / "task" / str(pid) / "children").read_text().split():
        if found := descendant(int(child), name):
            return found
    return 0
