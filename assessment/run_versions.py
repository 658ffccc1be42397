"""Formats of runs: the present one, and what makes a run of the one before readable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT = 2
"""Version of the run format. 2: a run may lack tiles that could not be assessed (`incomplete`), and says what
sets of rules take (`rule_sets.parquet`). 1: neither."""
PREVIOUS = 1
"""The one older format that is read."""


def upgraded(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return a manifest of the present or the previous format as the present one says it.

    Raises
    ------
    ValueError
        It is of any other format.

    Examples
    --------
    >>> upgraded({"format": 1, "run_id": "x"})
    {'format': 2, 'run_id': 'x', 'incomplete': []}
    >>> upgraded({"format": 3})
    Traceback (most recent call last):
    ValueError: run format 3 cannot be read, this version reads 2 and 1
    """
    found = manifest.get("format")
    if found == FORMAT:
        return dict(manifest)
    if found == PREVIOUS:
        # Before there was a list of missing tiles, a run with one was never written.
        return {**manifest, "format": FORMAT, "incomplete": []}
    raise ValueError(f"run format {found!r} cannot be read, this version reads {FORMAT} and {PREVIOUS}")
