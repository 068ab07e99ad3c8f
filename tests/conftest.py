"""How hard Hypothesis tries, by CORDBOARD_EXAMPLES; how long an example takes proves nothing on a shared machine."""

import os
import resource
from time import process_time

from hypothesis import Phase, settings

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
# It is slow already to say which tests these are.
collect_ignore = ["cti_api/test_as_documented.py"] if _profile == "check" else []


def pytest_sessionstart() -> None:
    """A loop without end is cut off by what it computes: on a busy machine a clock proves nothing."""
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    # Of mutmut's processes, those that try a change have a limit, and it is a wide one.
    if _profile == "mutation" and most != resource.RLIM_INFINITY:
        soon = int(process_time()) + 10
        resource.setrlimit(resource.RLIMIT_CPU, (min(soon, most), most))
