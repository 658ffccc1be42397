"""How the tests run: no test has a time limit, and a run of the pipeline draws the same cases each time."""

from __future__ import annotations

import os
import sys

import pytest
from hypothesis import settings

settings.register_profile("calm", deadline=None)
settings.register_profile("pipeline", settings.get_profile("calm"), derandomize=True)
settings.load_profile("pipeline" if os.environ.get("CI") else "calm")


@pytest.fixture(autouse=True)
def _same_main():
    """Put the main module back: a page under test takes its place, and new processes would run it."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main
