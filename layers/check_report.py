"""What a check found: figures per layer, and every fault."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from layers.chinese import in_chinese
from layers.offers import offers

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from faults import Fault
    from layers.rows import Shapes


@dataclass(frozen=True)
class LayerCheck:
    """What was found in one layer."""

    layer: str
    file: str
    rows: int = 0
    usable: int = 0
    rejected: int = 0
    left_out: int = 0
    """Rows that are no part of the layer."""
    crs: str = ""
    """CRS of the file."""
    extent: tuple[float, float, float, float] | None = None
    """West, south, east, north of the usable rows in degrees."""
    known: dict[str, float] = field(default_factory=dict)
    """Column -> share of the usable rows where it is known."""
    score: float = 0.0
    """Percent of the rows without an error or a warning; 0 for a file that cannot be used."""
    faults: tuple[Fault, ...] = ()
    frame: gpd.GeoDataFrame | None = field(default=None, repr=False, compare=False)
    """The usable rows; None where the file cannot be used, is a raster or was read in batches."""
    shapes: Shapes | None = field(default=None, repr=False, compare=False)
    """Their shapes in the metric CRS; None where the file cannot be used or is a raster."""
    positions: NDArray[np.intp] | None = field(default=None, repr=False, compare=False)
    """Position of the usable rows in the file, from 0."""
    rejected_table: pd.DataFrame | None = field(default=None, repr=False, compare=False)
    """The rejected rows with their reasons; None as for `frame`."""

    def as_dict(self) -> dict[str, Any]:
        """Return the figures as a plain mapping, without the faults."""
        return {
            "layer": self.layer,
            "file": self.file,
            "rows": self.rows,
            "usable": self.usable,
            "rejected": self.rejected,
            "left_out": self.left_out,
            "crs": self.crs,
            "extent": None if self.extent is None else list(self.extent),
            "known": self.known,
            "score": self.score,
        }


@dataclass(frozen=True)
class CheckReport:
    """What was found in a region or a file."""

    path: str
    layers: tuple[LayerCheck, ...]
    general: tuple[Fault, ...] = ()
    """Faults of the region itself."""

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Return every fault, those of the region first."""
        return self.general + tuple(fault for layer in self.layers for fault in layer.faults)

    @property
    def ok(self) -> bool:
        """Whether nothing is an error."""
        return not any(fault.severity == "error" for fault in self.faults)

    def as_dict(self) -> dict[str, Any]:
        """Return the report as a plain mapping, as `yijian check --json` prints it."""
        counts = dict.fromkeys(("error", "warning", "info"), 0)
        for fault in self.faults:
            counts[fault.severity] += 1
        return {
            "path": self.path,
            "ok": self.ok,
            "counts": counts,
            "layers": [layer.as_dict() for layer in self.layers],
            "offers": [{"layer": offer.layer, "set": offer.setting} for offer in offers(self.faults)],
            "faults": [fault.as_dict() | {"rule_zh": in_chinese(fault.rule)} for fault in self.faults],
        }
