"""Cooling by boreholes: what summer asks for, what the field can take, what winter gains by it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from assessment.heat_demand import Demand
    from assessment.heat_shallow import ShallowModel
    from layers.catalog import Catalog

_LEAST_PERCENT = 0.5
"""Smaller gains round to nothing."""


@dataclass(frozen=True)
class Cooling:
    """Cooling of the blocks by their boreholes; arrays of shape (blocks,)."""

    demand_kw: NDArray[np.float64]
    """Design load of the cooled floor area."""
    capacity_kw: NDArray[np.float64]
    """Cooling the boreholes can give to buildings without the fluid passing its limit."""
    served_mwh: NDArray[np.float64]
    """Of the summer's cooling, what they carry."""
    returned_share: NDArray[np.float64]
    """Heat put back in summer over heat taken in winter."""
    gain_percent: NDArray[np.float64]
    """More winter capacity in year 30 than with heating alone, through that heat."""
    more_percent: NDArray[np.float64]
    """What full balance would add beyond that."""

    def words(self) -> tuple[list[str], list[str]]:
        """Say the balance of every block, in Chinese and English; empty where nothing is heated."""
        zh, en = [], []
        for share, gain, more, asked in zip(
            self.returned_share, self.gain_percent, self.more_percent, self.demand_kw, strict=True
        ):
            zh.append("" if np.isnan(gain) else _zh(share, gain, more, asked))
            en.append("" if np.isnan(gain) else _en(share, gain, more, asked))
        return zh, en


def cooling_of(
    model: ShallowModel, wells: NDArray[np.float64], demand: Demand, *, catalog: Catalog
) -> Cooling:
    """Return what the boreholes of the blocks do in summer.

    Parameters
    ----------
    model : ShallowModel
        Boreholes, ground and duty of the blocks.
    wells : numpy.ndarray
        Boreholes per block.
    demand : Demand
        With the cooling of the blocks.
    catalog : Catalog
        cooling.index_w_m2, cooling.full_load_hours, cooling.eer.
    """
    hours, eer = catalog.value("cooling.full_load_hours"), catalog.value("cooling.eer")
    asked = 1000 * demand.cooling_mwh / hours
    metres = wells * model.field.depth_m
    given = model.cooling_w_m(wells) * metres / 1000 / (1 + 1 / eer)
    part = np.divide(np.minimum(given, asked), asked, out=np.zeros_like(asked), where=asked > 0)
    own = model.ground_w_m(wells, years=30)
    alone, full = (_with_share(model, share).ground_w_m(wells, years=30) for share in (0.0, 1.0))
    able = (wells >= 1) & (alone > 0)
    return Cooling(
        demand_kw=asked,
        capacity_kw=given,
        served_mwh=part * demand.cooling_mwh,
        returned_share=model.returned_share,
        gain_percent=np.where(able, 100 * (own / np.maximum(alone, 1e-9) - 1), np.nan),
        more_percent=np.where(able, 100 * (full / np.maximum(own, 1e-9) - 1), np.nan),
    )


def _with_share(model: ShallowModel, share: float) -> ShallowModel:
    return replace(model, returned_share=np.full_like(model.returned_share, share))


def _zh(share: float, gain: float, more: float, asked: float) -> str:
    if asked <= 0:
        return f"无制冷需求，只取不还；若夏季完全回灌，第30年供热能力可增加{more:.0f}%"
    said = f"夏季排热相当于冬季取热的{share:.0%}，第30年供热能力比只供热高{gain:.0f}%"
    return said if more < _LEAST_PERCENT else f"{said}；完全平衡可再增{more:.0f}%"


def _en(share: float, gain: float, more: float, asked: float) -> str:
    if asked <= 0:
        return f"no cooling asked; full return of heat in summer would add {more:.0f} % in year 30"
    said = f"summer returns {share:.0%} of the winter's heat: {gain:.0f} % more in year 30 than heating alone"
    return said if more < _LEAST_PERCENT else f"{said}; full balance would add {more:.0f} % more"
