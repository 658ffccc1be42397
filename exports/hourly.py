"""The year of hours for grid models: NetCDF that xarray, PyPSA and atlite users read, Parquet, or CSV."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from scipy.io import netcdf_file

from assessment.run import Run
from exports.provenance import provenance_of
from exports.sites import publish
from faults import Fault, InputError, RunError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from exports.provenance import Provenance
    from exports.selection import Progress

KW_PER_MW = 1000.0
_TIME_NOTE = "Typical year; time is UTC and marks the start of each hour."
_VALUE_NOTE = "Values are p_max_pu: MWh in the hour per MWp of DC capacity."


@dataclass(frozen=True)
class HourlyResult:
    """What was written."""

    path: Path
    generators: int
    """Pairs of town and type."""
    hours: int
    kwh_year: float
    """Energy of all generators in the year; NaN hours are left out."""


def export_hourly(
    run: Run | Path,
    out: Path,
    *,
    town: str | Iterable[str] | None = None,
    types: Iterable[str] = (),
    progress: Progress | None = None,
) -> HourlyResult:
    """Write hourly PV energy per town and type.

    The table has one row per hour and generator (`name` is "town type"): `kwh` in the hour that begins at
    `time` (UTC), and `p_max_pu`, the same per installed DC capacity (MWh per MWp, so between 0 and 1), as
    PyPSA names it. NetCDF adds `p_nom_max` (MWp) per generator.

    Parameters
    ----------
    out
        `.nc`, `.parquet` or `.csv`.
    town, types
        Keep only these; empty keeps all.
    progress
        Called with the share done (0 to 1) and what is being done.

    Raises
    ------
    InputError
        The ending of the file, a town or a type is not known.
    RunError
        The run has no hourly table.
    """
    write = _WRITERS.get(out.suffix.lower())
    if write is None:
        raise InputError([Fault("hourly", None, "out", out.name, f"must end in {', '.join(_WRITERS)}")])
    opened = run if isinstance(run, Run) else Run(run)
    table = _table(
        opened, {"town": [town] if isinstance(town, str) else list(town or ()), "type": list(types)}
    )
    source = provenance_of(opened)
    if progress is not None:
        progress(0.4, out.name)
    publish(out, lambda fresh: write(fresh, table, source))
    if progress is not None:
        progress(1.0, out.name)
    return HourlyResult(out, table["name"].nunique(), table["time"].nunique(), float(table["kwh"].sum()))


def _table(run: Run, choices: Mapping[str, list[str]]) -> pd.DataFrame:
    path = run.path / "hourly.parquet"
    try:
        hours = pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise RunError(f"{path} cannot be read: {error}") from error
    for column, wanted in choices.items():
        known = set(hours[column])
        if unknown := [value for value in wanted if value not in known]:
            rule = f"must be one of {', '.join(sorted(known))}"
            raise InputError(Fault("hourly", None, column, value, rule) for value in unknown)
        if wanted:
            hours = hours[hours[column].isin(wanted)]
    power = run.summary.groupby(["town", "type"], observed=True)["kwp_dc_central"].sum(min_count=1)
    hours = hours.join(power.rename("kwp_dc"), on=["town", "type"])
    hours = hours.assign(
        time=hours["time"].dt.tz_convert("UTC"),
        name=hours["town"].astype(str) + " " + hours["type"].astype(str),
        p_max_pu=hours["kwh"] / hours["kwp_dc"],
    )
    columns = ["time", "name", "town", "type", "kwp_dc", "kwh", "p_max_pu"]
    return hours[columns].sort_values(["name", "time"], kind="stable", ignore_index=True)


def _write_parquet(path: Path, table: pd.DataFrame, source: Provenance) -> None:
    arrow = pa.Table.from_pandas(table, preserve_index=False)
    notes = {f"yijian_{key}": text for key, text in source.as_strings().items()}
    arrow = arrow.replace_schema_metadata({**(arrow.schema.metadata or {}), **notes})
    pq.write_table(arrow, path, compression="zstd")


def _write_csv(path: Path, table: pd.DataFrame, source: Provenance) -> None:
    """Write wide: one row per hour, one column per generator (p_max_pu), as PyPSA imports it."""
    wide = table.pivot_table(index="time", columns="name", values="p_max_pu", sort=True, dropna=False)
    wide.index = pd.DatetimeIndex(wide.index).tz_localize(None)
    wide.to_csv(path, index_label="snapshot", date_format="%Y-%m-%d %H:%M:%S", float_format="%.6f")
    notice = "\n".join([*source.lines("zh"), "", *source.lines("en"), "", _TIME_NOTE, _VALUE_NOTE])
    path.with_name(f"{path.name}.txt").write_text(notice + "\n", encoding="utf-8")


def _write_netcdf(path: Path, table: pd.DataFrame, source: Provenance) -> None:
    """Write NetCDF 3 (64-bit offsets) after the CF conventions 1.8."""
    names = list(dict.fromkeys(table["name"]))
    kwh, share = (
        table.pivot_table(index="time", columns="name", values=key, dropna=False)[names]
        for key in ("kwh", "p_max_pu")
    )
    power = table.drop_duplicates("name").set_index("name")["kwp_dc"].reindex(names) / KW_PER_MW
    times = kwh.index
    hours = ((times - times[0]) / pd.Timedelta(hours=1)).to_numpy(float)
    since = f"hours since {times[0]:%Y-%m-%d %H:%M:%S}"
    with netcdf_file(path, "w", version=2) as file:
        notes = {"Conventions": "CF-1.8", "comment": _TIME_NOTE, **source.as_strings()}
        for key, words in notes.items():
            setattr(file, key, words.encode())
        _name_dimensions(file, names, len(times))
        put = partial(_variable, file)
        put("time", ("time",), hours, units=since, calendar="standard", bounds="time_bounds", axis="T")
        put("time_bounds", ("time", "bounds"), np.column_stack([hours, hours + 1]))
        put(
            "kwh",
            ("time", "name"),
            kwh,
            units="kWh",
            long_name="energy in the hour",
            cell_methods="time: sum",
        )
        words = "energy over installed DC capacity"
        put("p_max_pu", ("time", "name"), share, units="1", long_name=words, cell_methods="time: mean")
        put("p_nom_max", ("name",), power, units="MW", long_name="potential, DC")


def _name_dimensions(file: netcdf_file, names: list[str], hours: int) -> None:
    """Create the dimensions, and the names as letters, as NetCDF 3 keeps text."""
    width = max((len(name.encode()) for name in names), default=1)
    for name, size in (("time", hours), ("name", len(names)), ("name_length", width), ("bounds", 2)):
        file.createDimension(name, size)
    letters = np.array([name.encode().ljust(width, b"\0") for name in names], dtype=f"S{width}")
    variable = file.createVariable("name", "c", ("name", "name_length"))
    variable[:] = letters.view("S1").reshape(len(names), width)
    setattr(variable, "_Encoding", b"utf-8")  # noqa: B010 - an attribute of the file, not of the object


def _variable(
    file: netcdf_file, name: str, dimensions: tuple[str, ...], values: object, **attributes: str
) -> None:
    variable = file.createVariable(name, "d", dimensions)
    variable[:] = np.asarray(values, dtype=float)
    for key, text in attributes.items():
        setattr(variable, key, text.encode())


_WRITERS: Mapping[str, Callable[[Path, pd.DataFrame, Provenance], None]] = {
    ".nc": _write_netcdf,
    ".parquet": _write_parquet,
    ".csv": _write_csv,
}
