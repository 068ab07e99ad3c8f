"""What holds for every test: how long an example takes proves nothing on a machine that others use too."""

from hypothesis import settings

settings.register_profile("cordboard", deadline=None)
settings.load_profile("cordboard")
