"""The three single calculations, ready for the command line: the table of g-functions is read here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assessment.heat_shallow import load_responses
from faults import Fault, InputError
from potential.geothermal.report_deep import deep_report
from potential.geothermal.report_hydro import hydro_report
from potential.geothermal.report_shallow import shallow_report

if TYPE_CHECKING:
    from collections.abc import Callable


def shallow(**inputs: float | None) -> dict[str, Any]:
    """Return `shallow_report` of the inputs; see there for names, units and defaults."""
    return _asked("heat shallow", lambda: shallow_report(load_responses(), **inputs))  # type: ignore[arg-type]


def deep(**inputs: float | str | None) -> dict[str, Any]:
    """Return `deep_report` of the inputs; see there for names, units and defaults."""
    return _asked("heat deep", lambda: deep_report(**inputs))  # type: ignore[arg-type]


def hydro(**inputs: float) -> dict[str, Any]:
    """Return `hydro_report` of the inputs; see there for names, units and defaults."""
    return _asked("heat hydro", lambda: hydro_report(**inputs))  # type: ignore[arg-type]


def _asked(what: str, ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Turn what a kernel refuses into a fault that the command can print."""
    try:
        return ask()
    except ValueError as error:
        raise InputError([Fault(what, None, None, None, str(error))]) from error
