r"""Heat of a deep coaxial borehole (中深层地埋管) in layered ground: the transfer-matrix kernel.

Water goes down the annulus (temperature T1) and comes up the inner pipe (T2). The fluid is quasi-steady,
the rock answers at every depth by its own line source:

.. math::
    m c\,T_1' = (T_0(z) - T_1)/R_t + (T_2 - T_1)/R_{12}, \qquad m c\,T_2' = (T_2 - T_1)/R_{12},

with :math:`T_1(0) = T_{in}`, :math:`T_1(H) = T_2(H)`, :math:`R_t = R_b + \Gamma/(2 \pi \lambda)`. Within a
layer the ground temperature is linear in depth, so the 2 x 2 system is solved exactly; layers are chained
from the top, and the one unknown :math:`T_2(0)` follows from the bottom. After Ramey 1962 and Beier 2014,
as a layered march.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

import jit

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Coaxial:
    """What a deep coaxial borehole gives for one inlet temperature, one value per site."""

    heat_w: NDArray[np.float64]
    """Heat taken from the ground, W."""
    temp_out_c: NDArray[np.float64]
    """Outlet temperature, degC."""
    temp_bottom_c: NDArray[np.float64]
    """Water temperature at the bottom, degC."""


@jit.njit(cache=True, fastmath=False)
def _march(  # noqa: PLR0917 - numba takes no keyword-only arguments
    edges_c: NDArray[np.float64],
    lengths_m: NDArray[np.float64],
    conductances: NDArray[np.float64],
    internal: float,
    heat_capacity_w_k: float,
    temp_in_c: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    sites, layers = conductances.shape
    b = internal / heat_capacity_w_k
    for i in range(sites):
        # u = T - T0. The march is affine: u = base + x * shoot, where x is the unknown T2(0).
        base1, base2 = temp_in_c[i] - edges_c[i, 0], -edges_c[i, 0]
        shoot1, shoot2 = 0.0, 1.0
        for k in range(layers):
            a = conductances[i, k] / heat_capacity_w_k
            dz = lengths_m[k]
            particular = (edges_c[i, k + 1] - edges_c[i, k]) / dz / b
            # exp of [[-(a + b), b], [-b, b]] dz by its two real eigenvalues, -a/2 +- root.
            half = 0.5 * a
            root = np.sqrt(half * half + a * b)
            cosh, sinh = np.cosh(root * dz), np.sinh(root * dz) / root
            decay = np.exp(-half * dz)
            e11 = decay * (cosh - (half + b) * sinh)
            e12 = decay * b * sinh
            e22 = decay * (cosh + (half + b) * sinh)
            rest = base2 - particular
            base1, base2 = e11 * base1 + e12 * rest, particular - e12 * base1 + e22 * rest
            shoot1, shoot2 = e11 * shoot1 + e12 * shoot2, -e12 * shoot1 + e22 * shoot2
        x = (base1 - base2) / (shoot2 - shoot1)
        out[0, i] = heat_capacity_w_k * (x - temp_in_c[i])
        out[1, i] = x
        out[2, i] = base1 + x * shoot1 + edges_c[i, layers]


def coaxial_heat(
    *,
    temp_edges_c: NDArray[np.float64],
    lengths_m: NDArray[np.float64],
    conductivity_w_mk: NDArray[np.float64],
    response: NDArray[np.float64],
    resistance_borehole_mk_w: float,
    resistance_internal_mk_w: float,
    heat_capacity_flow_w_k: float,
    temp_in_c: NDArray[np.float64] | float,
) -> Coaxial:
    r"""Return heat and outlet temperature of coaxial boreholes for a fixed inlet temperature.

    Parameters
    ----------
    temp_edges_c : numpy.ndarray
        Undisturbed ground temperature at the layer edges, shape (sites, layers + 1), degC.
    lengths_m : numpy.ndarray
        Thickness of the layers, shape (layers,), m.
    conductivity_w_mk : numpy.ndarray
        Thermal conductivity of the layers, shape (sites, layers), W/(m K).
    response : numpy.ndarray
        Response :math:`\Gamma` of the rock at the borehole wall (see `line_source`), shape (sites, layers).
    resistance_borehole_mk_w : float
        From the annulus to the borehole wall, m K/W.
    resistance_internal_mk_w : float
        Between annulus and inner pipe, m K/W.
    heat_capacity_flow_w_k : float
        Mass flow times heat capacity, W/K.
    temp_in_c : numpy.ndarray or float
        Inlet temperature at the annulus, one value or one per site, degC.

    Returns
    -------
    Coaxial
        Heat (W), outlet and bottom temperature (degC), each of shape (sites,).

    Examples
    --------
    One layer at 50 degC everywhere and a perfect path to it: the water leaves at nearly 50 degC.

    >>> one = np.ones((1, 1))
    >>> found = coaxial_heat(temp_edges_c=np.full((1, 2), 50.0), lengths_m=np.array([2000.0]),
    ...     conductivity_w_mk=2.5 * one, response=0.01 * one, resistance_borehole_mk_w=1e-3,
    ...     resistance_internal_mk_w=50.0, heat_capacity_flow_w_k=20e3, temp_in_c=10.0)
    >>> round(float(found.temp_out_c[0]), 1)
    50.0
    """
    conductances = 1 / (resistance_borehole_mk_w + response / (2 * np.pi * conductivity_w_mk))
    sites = conductances.shape[0]
    out = np.empty((3, sites))
    inlet = np.ascontiguousarray(np.broadcast_to(np.asarray(temp_in_c, float), (sites,)))
    _march(
        np.ascontiguousarray(temp_edges_c, float),
        np.ascontiguousarray(lengths_m, float),
        conductances,
        1 / resistance_internal_mk_w,
        heat_capacity_flow_w_k,
        inlet,
        out,
    )
    return Coaxial(out[0], out[1], out[2])
