"""What is found wrong in one file: faults as people read them, and the rows that cannot be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from faults import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from faults import Severity

    Values = Sequence[object] | NDArray[np.object_] | pd.Series

REJECTED_COLUMNS = ("file", "row", "column", "value", "rule", "record", "wkt")
SAME_SHOWN = 10
"""Rows with the same value and the same fault are named one by one up to this many."""
WKT_VERTICES = 1000
"""Shapes with more vertices are not repeated in the table of rejected rows."""
VALUE_LENGTH = 80
"""A longer value is cut in the message."""


class Findings:
    """Faults and rejected rows of one file; rows are counted from 1 without the header."""

    def __init__(self, layer: str, file: str, rows: int) -> None:
        self.layer = layer
        self.file = file
        self.faults: list[Fault] = []
        self.rejected = np.zeros(rows, dtype=bool)
        """Rows that cannot be used."""
        self.left_out = np.zeros(rows, dtype=bool)
        """Rows that are no part of the layer."""
        self.warned = np.zeros(rows, dtype=bool)
        """Rows with a warning or an error."""
        self.rejected_kinds: frozenset[str] = frozenset()
        """Kinds (first choice of the schema) of rejected rows that are not just there twice."""
        self._reasons: list[pd.DataFrame] = []

    @property
    def kept(self) -> NDArray[np.bool_]:
        """Rows that are neither rejected nor left out."""
        return ~(self.rejected | self.left_out)

    def note(
        self, rule: str, *, column: str | None = None, value: object = None, severity: Severity = "info"
    ) -> None:
        """Note what concerns the file or a column as a whole."""
        text = None if value is None else _short(value)
        self.faults.append(Fault(self.layer, None, column, text, rule, severity, file=self.file))

    def stop(self, rule: str, *, column: str | None = None, value: object = None) -> InputError:
        """Return the error that ends the reading of the file, with all that was found before."""
        self.note(rule, column=column, value=value, severity="error")
        return InputError(fault for fault in self.faults if fault.severity == "error")

    def rows(
        self,
        which: NDArray[np.bool_],
        column: str | None,
        values: Values | None,
        rule: str | NDArray[np.object_],
        severity: Severity = "warning",
    ) -> None:
        """Note a fault of rows; `values` and a `rule` per row have one entry per row of the file."""
        where = np.flatnonzero(which)
        if not len(where):
            return
        if severity != "info":
            self.warned |= which
        table = pd.DataFrame({"row": where + 1})
        table["value"] = None if values is None else _texts(values, where)
        table["rule"] = rule if isinstance(rule, str) else rule[where]
        for _, group in table.groupby(["value", "rule"], dropna=False, sort=False):
            value, text = group["value"].iloc[0], str(group["rule"].iloc[0])
            self._say(group["row"].tolist(), column, None if value is None else str(value), text, severity)

    def reject(
        self,
        which: NDArray[np.bool_],
        column: str | None,
        values: Values | None,
        rule: str | NDArray[np.object_],
    ) -> None:
        """Note rows that cannot be used, with the reason."""
        self.rows(which, column, values, rule, "error")
        where = np.flatnonzero(which)
        if not len(where):
            return
        self.rejected |= which
        reasons = pd.DataFrame({"file": self.file, "row": where + 1, "column": column})
        reasons["value"] = None if values is None else _texts(values, where)
        reasons["rule"] = rule if isinstance(rule, str) else rule[where]
        self._reasons.append(reasons)

    def rejected_table(self, raw: gpd.GeoDataFrame) -> pd.DataFrame:
        """Return the rejected rows with their reasons, their own columns as JSON and their shape as WKT.

        Shapes are in the coordinates of the file; a long one is left out.
        """
        if not self._reasons:
            return pd.DataFrame(columns=list(REJECTED_COLUMNS))
        table = pd.concat([part.astype(object) for part in self._reasons]).sort_values("row", kind="stable")
        rows = raw.iloc[table["row"].to_numpy(dtype=int) - 1]
        records = pd.DataFrame(rows.drop(columns=raw.geometry.name))
        lines = records.to_json(orient="records", lines=True, force_ascii=False, default_handler=str)
        table["record"] = lines.splitlines()[: len(table)]
        table["wkt"] = [_wkt(shape) for shape in rows.geometry]
        return table[list(REJECTED_COLUMNS)].reset_index(drop=True)

    def _say(
        self, rows: list[int], column: str | None, value: str | None, rule: str, severity: Severity
    ) -> None:
        if len(rows) <= SAME_SHOWN:
            faults = (Fault(self.layer, row, column, value, rule, severity, self.file) for row in rows)
            self.faults.extend(faults)
            return
        shown = ", ".join(map(str, rows[1:SAME_SHOWN]))
        more = f"{rule} (the same in {len(rows)} rows: also {shown}, ...)"
        self.faults.append(Fault(self.layer, rows[0], column, value, more, severity, self.file))


def _wkt(shape: shapely.Geometry | None) -> str | None:
    if shape is None or shapely.get_num_coordinates(shape) > WKT_VERTICES:
        return None
    return str(shapely.to_wkt(shape, rounding_precision=8))


def _texts(values: Values, where: NDArray[np.intp]) -> list[str | None]:
    if isinstance(values, pd.Series):
        array = values.iloc[where].to_numpy(dtype=object)
    else:
        array = np.asarray(values, dtype=object)[where]
    return [None if value is None or value != value else _short(value) for value in array]  # noqa: PLR0124


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= VALUE_LENGTH else f"{text[: VALUE_LENGTH - 3]}..."
