"""How hard Hypothesis tries, by CORDBOARD_EXAMPLES; how long an example takes proves nothing on a shared machine."""

import os
import re
import resource
import sys
from pathlib import Path
from time import process_time

from hypothesis import Phase, settings

_LEFT_OUT = re.compile(r"^pytestmark = (\[)?pytest\.mark\.(slow|live|compose)\b", re.MULTILINE)

settings.register_profile("check", deadline=None, max_examples=20)  # Every day, in a minute.
settings.register_profile("test", deadline=None, max_examples=100)
settings.register_profile(  # That it fails is enough, and it is to fail again: nothing is made smaller or left to luck.
    "mutation",
    deadline=None,
    max_examples=20,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
)
_profile = os.environ.get("CORDBOARD_EXAMPLES", "test")
settings.load_profile(_profile)


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Every day what is left out is not even imported: that takes as long as many a test."""
    if _profile != "check" or collection_path.suffix != ".py":
        return None
    return True if _LEFT_OUT.search(collection_path.read_text()) else None


def pytest_sessionstart() -> None:
    """Changed functions are asked anew; a loop without end is cut off by what it computes: a clock proves nothing."""
    if _profile != "mutation":
        return
    _forget_answers()
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    # Of mutmut's processes, those that try a change have a limit, and it is a wide one.
    if most != resource.RLIM_INFINITY:
        soon = int(process_time()) + 10
        resource.setrlimit(resource.RLIMIT_CPU, (min(soon, most), most))


def _forget_answers() -> None:
    """What the process before the fork remembered of a function is no answer of it as it is changed now."""
    for module in [sys.modules[name] for name in sys.modules if name.startswith("acd.core")]:
        for one in vars(module).values():
            if hasattr(one, "cache_clear"):
                one.cache_clear()
