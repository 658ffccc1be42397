"""The land-eligibility scenes that atlite publishes with their random seed: the same cells are left.

The digests in tests/published are of masks that atlite 0.7.0 made; benchmarks/published.py makes them again
and compares cell by cell.
"""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
spec = importlib.util.spec_from_file_location("published", ROOT / "benchmarks" / "published.py")
published = importlib.util.module_from_spec(spec)
spec.loader.exec_module(published)
THEIRS = json.loads((ROOT / "tests" / "published" / "atlite.json").read_text(encoding="utf-8"))["scenes"]


@pytest.fixture(scope="module")
def ours():
    return published.our_masks()


@pytest.mark.parametrize("scene", published.SCENES)
def test_the_cells_left_are_those_that_atlite_leaves(ours, scene):
    assert published.digest(ours[scene]) == THEIRS[scene]


def test_what_atlite_asserts_of_its_scenes_holds(ours):
    """The assertions of test/test_gis.py: a quarter, three quarters, the drawn share, half of the area."""
    shares = {name: mask.mean() for name, mask in ours.items()}
    assert shares["geometry"] == 0.75
    assert shares["geometry_inverted"] == 0.25
    assert (round(shares["raster"], 2), round(shares["raster_inverted"], 2)) == (0.75, 0.25)
    assert (round(shares["codes"], 1), round(shares["codes_inverted"], 1)) == (0.8, 0.2)
    assert shares["half_codes"] == 0.5
    assert shares["half_outside_1"] < 0.5 < shares["half_outside_0"]


def test_one_cell_more_is_another_digest(ours):
    mask = ours["codes"].copy()
    mask[7, 7] = not mask[7, 7]
    assert published.digest(mask) != THEIRS["codes"]
