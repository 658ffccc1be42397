"""Judgements of a user about the factors of suitability, as a scenario carries them into an assessment.

A judgement is named "technology.factor > factor" and says how much more the first matters than the second,
1/9 to 9. Pairs that are not named keep the judgement that the program comes with.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from assessment.heat_suitability import Scheme, read_schemes, shipped_judgements
from faults import Fault, InputError
from potential.geothermal.suitability import ahp_weights

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

KEY = "heat_judgements"
"""Name of the table in a scenario."""
_NAME = re.compile(r"^(?P<technology>[^.]+)\.(?P<more>[^>]+?)\s*>\s*(?P<less>[^>]+?)\s*$")


def own_schemes(given: Mapping[str, float]) -> dict[str, Scheme]:
    """Return the factors of every technology with their weights under a user's judgements.

    Raises
    ------
    InputError
        A technology or a pair is unknown, a judgement lies out of 1/9 to 9, or the judgements of a technology
        contradict each other (consistency ratio above 0.1, said with its value); all of them at once.

    Examples
    --------
    >>> own_schemes({"deep.land > access": 9.0})["deep"].weights.weight.round(3).tolist()[3]
    0.175
    """
    if faults := list(judgement_faults(given)):
        raise InputError(faults)
    return {name: _merged(name, scheme, given) for name, scheme in read_schemes().items()}


def judgement_faults(given: Mapping[str, Any], *, file: str | None = None) -> Iterator[Fault]:
    """Say everything that is wrong with the judgements of a scenario."""

    def wrong(name: str, value: object, rule: str) -> Fault:
        return Fault("scenario", None, name, None if value is None else str(value), rule, file=file)

    schemes, broken = read_schemes(), False
    for key, value in given.items():
        if rule := _rule_of(key, value, schemes):
            broken = True
            yield wrong(f"{KEY}.{key}", value, rule)
    if broken:
        return
    for name, scheme in schemes.items():
        try:
            _merged(name, scheme, given)
        except ValueError as error:
            yield wrong(f"{KEY}.{name}", None, str(error))


def told_as(technology: str, judgements: Mapping[tuple[str, str], float]) -> dict[str, float]:
    """Return judgements by pair under the names that a scenario gives them.

    Examples
    --------
    >>> told_as("deep", {("land", "access"): 9.0})
    {'deep.land > access': 9.0}
    """
    return {f"{technology}.{more} > {less}": float(value) for (more, less), value in judgements.items()}


def _rule_of(key: str, value: object, schemes: Mapping[str, Scheme]) -> str | None:
    """Return the rule that a judgement breaks; None where it breaks none."""
    named = _NAME.match(key)
    if named is None or named["technology"] not in schemes:
        return f'must be named "technology.factor > factor" the technology of {", ".join(schemes)}'
    factors = [factor.name for factor in schemes[named["technology"]].factors]
    if named["more"] == named["less"] or {named["more"], named["less"]} - set(factors):
        return f"must compare two factors of {', '.join(factors)}"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "must be a number"
    return None if 1 / 9 - 1e-9 <= value <= 9 + 1e-9 else "must lie in 1/9 to 9"


def _merged(technology: str, scheme: Scheme, given: Mapping[str, float]) -> Scheme:
    own = {}
    for key, value in given.items():
        named = _NAME.match(key)
        if named is not None and named["technology"] == technology:
            own[named["more"], named["less"]] = float(value)
    if not own:
        return scheme
    kept = {
        pair: value
        for pair, value in shipped_judgements()[technology].items()
        if pair not in own and pair[::-1] not in own
    }
    return Scheme(scheme.factors, ahp_weights([factor.name for factor in scheme.factors], {**kept, **own}))
