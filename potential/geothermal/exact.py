"""Exact g-functions by pygfunction, to judge the table: one field at a time, seconds for large ones."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
from pygfunction import borefield, gfunction

from potential.geothermal.line_source import SECONDS_PER_YEAR
from potential.geothermal.shallow import MONTH_S, PEAK_S, Borefield, Duty, three_pulses

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_STEPS = 16
"""Times of the load history between the first pulse and the last year; more change g by less than 1 %."""


def exact_g(
    boreholes: int, field: Borefield, *, diffusivity_m2_s: float, times_s: Sequence[float]
) -> NDArray[np.float64]:
    """Return g of a near-square field at given times (equivalent boreholes, UBWT).

    Parameters
    ----------
    boreholes : int
        Any number: the grid's last row may be incomplete.
    field : Borefield
        Spacing, depth and radius.
    diffusivity_m2_s : float
        Of the ground.
    times_s : sequence of float
        Ascending, s.
    """
    side = int(np.ceil(np.sqrt(boreholes)))
    row, column = np.divmod(np.arange(boreholes), side)
    flat = np.full(boreholes, 0.0)
    laid = borefield.Borefield(
        np.full(boreholes, field.depth_m),
        np.full(boreholes, 2.0),
        np.full(boreholes, field.radius_m),
        column * field.spacing_m,
        row * field.spacing_m,
        flat,
        flat,
    )
    wanted = np.asarray(times_s, float)
    times = np.union1d(np.geomspace(wanted[0], wanted[-1], _STEPS), wanted)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the short first step, where the line source is what we want
        g = gfunction.gFunction(
            laid,
            diffusivity_m2_s,
            time=times,
            method="equivalent",
            boundary_condition="UBWT",
            options={"nSegments": 8, "disp": False},
        ).gFunc
    return np.asarray(np.interp(wanted, times, g))


def exact_heating_w_m(
    boreholes: int,
    field: Borefield,
    duty: Duty,
    *,
    temp_ground_c: float,
    conductivity_w_mk: float,
    volumetric_j_m3k: float,
    years: float,
) -> float:
    """Return the heating capacity of a field from its exact g-function, W per metre of borehole."""
    times = (PEAK_S, PEAK_S + MONTH_S, PEAK_S + MONTH_S + years * SECONDS_PER_YEAR)
    g = exact_g(boreholes, field, diffusivity_m2_s=conductivity_w_mk / volumetric_j_m3k, times_s=times)
    room = np.array(temp_ground_c - duty.temp_limit_c)
    pulses = np.array(g[0]), np.array(g[1]), np.array(g[2])
    return float(three_pulses(room, pulses, duty, field, np.array(conductivity_w_mk)))
