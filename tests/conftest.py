"""How hard Hypothesis tries, by CORDBOARD_EXAMPLES; how long an example takes proves nothing on a shared machine."""

import os

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
