"""Borefield g-functions from a table: the answer of the ground to a field of boreholes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.interpolate import PchipInterpolator
from scipy.ndimage import map_coordinates

from potential.geothermal.line_source import line_source

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

_FINE = (129, 49, 193)
"""Nodes of the refined table over ln N, ln(B/H) and ln(t/t_s); linear between them."""


@dataclass(frozen=True, kw_only=True)
class FieldResponses:
    """A table of g-functions of rectangular fields with a uniform borehole wall temperature (UBWT)."""

    g: NDArray[np.float64]
    """Shape (aspects, sizes, spacings, times)."""
    aspect: NDArray[np.float64]
    """Side ratio of the fields, 1 for near-square."""
    boreholes: NDArray[np.float64]
    """Number of boreholes, shape (aspects, sizes)."""
    spacing_ratio: NDArray[np.float64]
    """Spacing over depth, B/H."""
    ln_time: NDArray[np.float64]
    """ln(t/t_s) with t_s = H^2/(9 alpha)."""
    radius_ratio: float
    """Borehole radius over depth at which the table was computed."""

    def __post_init__(self) -> None:
        """Refuse a table whose axes do not fit."""
        expected = (self.aspect.size, self.boreholes.shape[1], self.spacing_ratio.size, self.ln_time.size)
        if self.g.shape != expected:
            raise ValueError(f"table of shape {self.g.shape} does not fit its axes {expected}")

    @property
    def boreholes_max(self) -> int:
        """Largest field of the table; larger fields are answered as if they had this size."""
        return int(self.boreholes.max())

    @property
    def _ln_ratios(self) -> tuple[float, float]:
        return float(np.log(self.spacing_ratio[0])), float(np.log(self.spacing_ratio[-1]))

    @cached_property
    def _fine(self) -> list[NDArray[np.float64]]:
        """The table on uniform fine axes, one block per aspect; g starts at the time axis's beginning."""
        times = np.linspace(self.ln_time[0], self.ln_time[-1], _FINE[2])
        ratios = np.linspace(*self._ln_ratios, _FINE[1])
        blocks = []
        for g, boreholes in zip(self.g, self.boreholes, strict=True):
            sizes = np.linspace(0.0, np.log(boreholes[-1]), _FINE[0])
            fine = PchipInterpolator(np.log(boreholes), g, axis=0)(sizes)
            fine = PchipInterpolator(np.log(self.spacing_ratio), fine, axis=1)(ratios)
            blocks.append(np.asarray(PchipInterpolator(self.ln_time, fine, axis=2)(times)))
        return blocks

    def at(
        self,
        *,
        boreholes: ArrayLike,
        spacing_m: ArrayLike,
        depth_m: ArrayLike,
        radius_m: float,
        diffusivity_m2_s: ArrayLike,
        time_s: ArrayLike,
        slender: bool = False,
    ) -> NDArray[np.float64]:
        """Return g of fields at a time since a constant load began.

        Parameters
        ----------
        boreholes : array_like
            Number of boreholes, 1 or more; above the largest of the table that one's answer is given (at 20
            x 5 m and more across, a field grows by edges that decades of conduction do not reach).
        spacing_m, depth_m : array_like
            Spacing and length of the boreholes, m; B/H outside the table is taken at its end.
        radius_m : float
            Borehole radius, m; a radius other than the table's enters as the difference of two infinite line
            sources, which is Eskilson's -ln(r_b/r_table) at late times and right at early ones.
        diffusivity_m2_s : array_like
            Thermal diffusivity of the ground, m2/s.
        time_s : array_like
            Time, s; clipped to the table (some minutes to some centuries).
        slender : bool
            True: fields of side ratio 1:4 instead of near-square ones.

        Returns
        -------
        numpy.ndarray
            g, dimensionless: the wall cools by q g / (2 pi lambda).
        """
        depth = np.asarray(depth_m, float)
        aspect = -1 if slender else 0
        alpha, time = np.asarray(diffusivity_m2_s, float), np.asarray(time_s, float)
        ln_time = np.log(time * 9 * alpha / depth**2)
        own = line_source(time, distance_m=radius_m, diffusivity_m2_s=alpha)
        axes = np.broadcast_arrays(
            _index(np.log(np.asarray(boreholes, float)), 0.0, np.log(self.boreholes[aspect, -1]), _FINE[0]),
            _index(np.log(np.asarray(spacing_m, float) / depth), *self._ln_ratios, _FINE[1]),
            _index(ln_time, self.ln_time[0], self.ln_time[-1], _FINE[2]),
        )
        table = self._fine[aspect]
        g = map_coordinates(table, [axis.ravel() for axis in axes], order=1).reshape(axes[0].shape)
        return np.asarray(
            g + own - line_source(time, distance_m=self.radius_ratio * depth, diffusivity_m2_s=alpha)
        )


def _index(value: NDArray[np.float64], low: float, high: float, nodes: int) -> NDArray[np.float64]:
    return np.clip((value - low) / (high - low), 0.0, 1.0) * (nodes - 1)
