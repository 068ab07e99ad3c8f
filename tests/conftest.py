"""How hard Hypothesis tries, by CORDBOARD_EXAMPLES; how long an example takes proves nothing on a shared machine."""

import os

from hypothesis import settings

settings.register_profile("check", deadline=None, max_examples=30)  # Every day, in a minute.
settings.register_profile("test", deadline=None, max_examples=100)
settings.load_profile(os.environ.get("CORDBOARD_EXAMPLES", "test"))
