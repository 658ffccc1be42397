"""A random sample of the run's borefields reckoned again without the table, and the error said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from potential.geothermal.exact import exact_heating_w_m

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from assessment.heat_shallow import ShallowModel

YEARS = 30.0


def check_table(
    model: ShallowModel, boreholes: NDArray[np.float64], *, seed: int, sample: int = 50
) -> dict[str, Any]:
    """Return the error of the capacity by the g-function table in blocks drawn at random.

    Keys: fields (checked), median_percent and worst_percent of the absolute error of the W/m in year 30,
    bias_percent, worst_boreholes.
    """
    able = np.flatnonzero(boreholes >= 1)
    drawn = np.random.default_rng(seed).choice(able, size=min(sample, len(able)), replace=False)
    if not len(drawn):
        return {"fields": 0}
    fields = np.clip(np.round(boreholes), 1, model.field_max)
    ours = model.ground_w_m(fields, years=YEARS)[drawn]
    exact: dict[tuple[int, float, float], float] = {}
    judged = []
    for i in drawn:
        # The same number of boreholes under the same duty is the same field: the temperature only scales it.
        key = int(fields[i]), float(model.returned_share[i]), round(float(model.temp_ground_c[i]), 1)
        if key not in exact:
            exact[key] = exact_heating_w_m(
                key[0],
                model.field,
                model.duty_of(key[1]),
                temp_ground_c=float(model.temp_ground_c[i]),
                conductivity_w_mk=model.conductivity.value,
                volumetric_j_m3k=model.volumetric_j_m3k,
                years=YEARS,
            )
        judged.append(exact[key])
    error = 100 * (ours / np.array(judged) - 1)
    worst = int(np.abs(error).argmax())
    return {
        "fields": len(drawn),
        "median_percent": round(float(np.median(np.abs(error))), 3),
        "worst_percent": round(float(np.abs(error).max()), 3),
        "bias_percent": round(float(error.mean()), 3),
        "worst_boreholes": int(fields[drawn[worst]]),
    }
