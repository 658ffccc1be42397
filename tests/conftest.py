"""How the tests run: no test has a time limit, and a run of the pipeline draws the same cases each time."""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("calm", deadline=None)
settings.register_profile("pipeline", settings.get_profile("calm"), derandomize=True)
settings.load_profile("pipeline" if os.environ.get("CI") else "calm")
