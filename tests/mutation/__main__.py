"""Changes the engine's code in small ways and wants a test to fail for each; never a part of `make test`.

    python -m tests.mutation [MODULE] [--minutes 60] [--children 1]

A change that neither the types nor a test notice is a survivor: a test is missing, or it makes no difference. The
second kind is explained in `survivors.toml`, change by change; anything else that survives fails this. mutmut does the
work, in processes that give way to others: it asks mypy first, then the tests that reach the changed function, the
fastest first, until one fails, or the time is up that a loop without end may take.

It remembers its verdicts in `mutants/` until the changed function is written otherwise: a whole run tries what has no
verdict yet and what survived, so one that was cut short goes on. With a module, all of it is tried anew.
"""

import argparse
import json
import os
import resource
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
FORBIDDEN = 37  # As mutmut calls what the type checker finds.
MOST_MEMORY = 2 << 30


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


def forget() -> None:
    """Forget what is to be seen anew: which test reaches what, and what survived, for tests may have come."""
    (ROOT / "mutants/mutmut-stats.json").unlink(missing_ok=True)
    for file in (ROOT / "mutants").rglob("*.py.meta"):
        known = json.loads(file.read_text())
        verdicts = known["exit_code_by_key"]
        verdicts |= {name: None for name, code in verdicts.items() if code in SURVIVED}
        file.write_text(json.dumps(known, indent=4))


def _prepare() -> None:
    """In mutmut's process: a change may make a loop without end that takes room at each turn; and it can be stopped."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # What runs in the background is deaf to it.


def play(pattern: str | None, minutes: float, children: int) -> None:
    """Let mutmut try the changes of one module, or all that have no verdict."""
    argv = ["nice", "-n", "10", str(MUTMUT), "run", "--max-children", str(children)]
    process = subprocess.Popen(
        [*argv, pattern] if pattern else argv,
        cwd=ROOT,
        env={
            **os.environ,
            "PATH": os.pathsep.join((str(MUTMUT.parent), os.environ.get("PATH", ""))),  # For mypy.
            "CORDBOARD_EXAMPLES": "mutation",
            # No plugin is needed here, and to load them takes as long as most tests do.
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        },
        preexec_fn=_prepare,
    )
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
    parser.add_argument("--children", type=int, default=1, help="processes side by side")
    asked = parser.parse_args()
    pattern = None
    if asked.module:
        found = list((ROOT / "acd/core").rglob(f"{asked.module}.py"))
        if len(found) != 1:
            sys.exit(f"there is no module {asked.module!r} in acd/core")
        pattern = ".".join(found[0].relative_to(ROOT).with_suffix("").parts) + ".*"
    forget()
    play(pattern, asked.minutes, asked.children)
    tried = dict(verdicts(asked.module))
    survivors = {change_of(name) for name, code in tried.items() if code in SURVIVED}
    known = explained()
    open_ones = sorted(survivors - set(known), key=lambda one: (one.function, one.was, one.is_now))
    untried = sum(code is None for code in tried.values())
    forbidden = sum(code == FORBIDDEN for code in tried.values())
    print(
        f"\n{len(tried) - untried} changes tried, {untried} not yet; the types forbid {forbidden}; "
        f"{len(survivors)} survived, of which {len(survivors) - len(open_ones)} are explained"
    )
    if not untried and not asked.module:
        for one in known.keys() - survivors:
            print(f"explained, and noticed: leave it out, in {one.function}:\n  + {one.is_now}")
    for one in open_ones:
        print(f"no test notices, in {one.function}:\n  - {one.was}\n  + {one.is_now}")
    if open_ones:
        print(
            f"Write the test that is missing; or say in {EXPLAINED.relative_to(ROOT)} why it is all one."
        )
    return 1 if open_ones else 0


if __name__ == "__main__":
    sys.exit(main())
