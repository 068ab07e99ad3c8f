"""Changes the engine's code in small ways and wants a test to fail for each; never a part of `make test`.

    python -m tests.mutation [MODULE] [--minutes 60]

A change that no test notices is a survivor: a test is missing, or the change makes no difference. The second kind
is explained in `survivors.toml`, change by change; anything else that survives fails this. mutmut does the work, in one
process that gives way to others, and remembers its verdicts in `mutants/`: a whole run that was cut short goes on.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXPLAINED = Path(__file__).with_name("survivors.toml")
MUTMUT = Path(sys.executable).with_name("mutmut")
# mutmut's exit codes of tests that did not notice, and where there was no test to notice.
SURVIVED = (0, 33)


@dataclass(frozen=True, slots=True)
class Change:
    """One small change: in which function, what stood there, what stands there instead."""

    function: str  # Such as `matching.offer`, `timers.Timers.set`.
    was: str
    is_now: str


def explained() -> dict[Change, str]:
    """The changes that make no difference, and why."""
    known = tomllib.loads(EXPLAINED.read_text())["survivor"]
    return {Change(one["function"], one["was"], one["now"]): one["why"] for one in known}


def play(pattern: str | None, minutes: float) -> None:
    """Let mutmut try the changes of one module, or all that it has not tried yet."""
    argv = ["nice", "-n", "10", str(MUTMUT), "run", "--max-children", "1"]
    process = subprocess.Popen([*argv, pattern] if pattern else argv, cwd=ROOT)
    try:
        code = process.wait(timeout=minutes * 60)
    except subprocess.TimeoutExpired:
        print(f"\n{minutes:g} minutes are over")
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)
        return
    if code:
        sys.exit(f"mutmut ended with {code}: its words stand above")


def verdicts(module: str) -> Iterator[tuple[str, int | None]]:
    """Each change by mutmut's name, and with what its tests ended; None: it was not tried."""
    for file in sorted((ROOT / "mutants").rglob("*.py.meta")):
        if not module or file.name == f"{module}.py.meta":
            yield from json.loads(file.read_text())["exit_code_by_key"].items()


def change_of(name: str) -> Change:
    """What mutmut changed under this name."""
    said = subprocess.run(
        [MUTMUT, "show", name], cwd=ROOT, capture_output=True, text=True, check=True
    )
    lines = [line for line in said.stdout.splitlines() if not line.startswith(("---", "+++"))]
    was, now = (
        " ".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in "-+"
    )
    module, _, mangled = name.rpartition("__mutmut_")[0].rpartition(".")
    function = mangled.removeprefix("x_").removeprefix("xǁ").replace("ǁ", ".")
    return Change(f"{module.rpartition('.')[2]}.{function}", was, now)


def main() -> int:
    """Try, and compare what survived with what is explained."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("module", nargs="?", default="", help="such as matching or offers")
    parser.add_argument("--minutes", type=float, default=60)
    asked = parser.parse_args()
    pattern = None
    if asked.module:
        found = list((ROOT / "acd/core").rglob(f"{asked.module}.py"))
        if len(found) != 1:
            sys.exit(f"there is no module {asked.module!r} in acd/core")
        pattern = ".".join(found[0].relative_to(ROOT).with_suffix("").parts) + ".*"
    os.environ.setdefault("CORDBOARD_EXAMPLES", "check")
    play(pattern, asked.minutes)
    tried = dict(verdicts(asked.module))
    survivors = {change_of(name) for name, code in tried.items() if code in SURVIVED}
    known = explained()
    open_ones = sorted(survivors - set(known), key=lambda one: (one.function, one.was, one.is_now))
    untried = sum(code is None for code in tried.values())
    print(
        f"\n{len(tried) - untried} changes tried, {untried} not yet; {len(survivors)} survived, "
        f"of which {len(survivors) - len(open_ones)} are explained"
    )
    for one in open_ones:
        print(f"no test notices, in {one.function}:\n  - {one.was}\n  + {one.is_now}")
    if open_ones:
        print(
            f"Write the test that is missing; or say in {EXPLAINED.relative_to(ROOT)} why it is all one."
        )
    return 1 if open_ones else 0


if __name__ == "__main__":
    sys.exit(main())
