"""CSV for spreadsheets: Chinese readable, units in the header, no cell that starts a formula."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import shapely

from exports.job import shapes_of

if TYPE_CHECKING:
    from pathlib import Path

    from exports.job import Job

BOM = b"\xef\xbb\xbf"
FORMULA_START = r"^[\s\x00-\x1f]*[=+\-@＝＋－＠|%]|^[\t\r\n]"
"""What makes a spreadsheet take a text for a formula, also behind blanks and in full width."""
_CSVW_TYPES = {pa.float64(): "number", pa.int64(): "integer", pa.bool_(): "boolean", pa.string(): "string"}


def guard(values: Any) -> Any:  # noqa: ANN401 - an Arrow array of text
    """Put an apostrophe before every text that a spreadsheet would take for a formula.

    Examples
    --------
    >>> guard(pa.array(["=1+1", "学校", "-2", None])).to_pylist()
    ["'=1+1", '学校', "'-2", None]
    """
    risky = pc.match_substring_regex(values, FORMULA_START)
    return pc.if_else(risky, pc.binary_join_element_wise("'", values, ""), values)


def write_csv(path: Path, job: Job) -> None:
    """Write a CSV file and its description (`<name>-metadata.json`, CSV on the Web).

    Geometry is one point inside each site; its outline is what this format loses.
    """
    with path.open("wb") as sink:
        sink.write(BOM)
        schema = pa.schema([*((field.header, field.type) for field in job.fields), *_extra_fields(job)])
        with pyarrow.csv.CSVWriter(sink, schema) as writer:
            for table in job.flat_tables():
                writer.write_table(_rows(table, job).rename_columns(schema.names).cast(schema))
    description = path.with_name(f"{path.name}-metadata.json")
    description.write_text(json.dumps(_csvw(path.name, job), ensure_ascii=False, indent=1), encoding="utf-8")


def _extra_fields(job: Job) -> list[tuple[str, Any]]:
    x, y = point_names(job)
    return [(x, pa.float64()), (y, pa.float64()), ("run_id", pa.string()), ("notice", pa.string())]


def point_names(job: Job) -> tuple[str, str]:
    """Return the headers of the two coordinates; they name the CRS."""
    label = "GCJ-02" if job.target.is_gcj02 else job.target.label
    if job.target.is_geographic:
        return f"lon [deg, {label}]", f"lat [deg, {label}]"
    return f"x_east [m, {label}]", f"y_north [m, {label}]"


def points_inside(table: pa.Table, *, decimals: int) -> tuple[Any, Any]:
    """Return x and y of one point inside each geometry."""
    points = shapely.point_on_surface(shapes_of(table))
    return shapely.get_x(points).round(decimals), shapely.get_y(points).round(decimals)


def _rows(table: pa.Table, job: Job) -> pa.Table:
    x, y = points_inside(table, decimals=8 if job.target.is_geographic else 3)
    columns = [
        guard(table[field.name]) if field.type == pa.string() else table[field.name] for field in job.fields
    ]
    names = [*(field.name for field in job.fields), "x", "y", "run_id", "notice"]
    constant = (job.provenance.run_id, job.provenance.short("zh"))
    repeated = [pa.array([text]).take(pa.array([0] * table.num_rows)) for text in constant]
    return pa.table([*columns, pa.array(x), pa.array(y), *repeated], names=names)


def _csvw(name: str, job: Job) -> dict[str, Any]:
    columns = [
        {
            "titles": field.header,
            "name": field.name,
            "datatype": _CSVW_TYPES[field.type],
            "dc:description": [
                {"@value": field.zh, "@language": "zh"},
                {"@value": field.en, "@language": "en"},
            ],
        }
        for field in job.fields
    ]
    extra = [{"titles": title, "name": title.split(" ", maxsplit=1)[0]} for title, _ in _extra_fields(job)]
    return {
        "@context": "http://www.w3.org/ns/csvw",
        "url": name,
        "dialect": {"encoding": "utf-8", "header": True},
        "dc:description": job.provenance.text(),
        "yijian": job.provenance.as_dict(),
        "tableSchema": {"columns": [*columns, *extra], "primaryKey": "id"},
    }
