"""How a single calculation is reported: everything it stands on, with units."""

from __future__ import annotations

from typing import Any

UNITS = (
    ("_mj_m3k", "MJ/(m3 K)"),
    ("_k_per_km", "K/km"),
    ("_mk_w", "m K/W"),
    ("_w_mk", "W/(m K)"),
    ("_w_m2", "W/m2"),
    ("_m3_h", "m3/h"),
    ("_kg_s", "kg/s"),
    ("_cny_kwh", "CNY/kWh"),
    ("_cny_kw", "CNY/kW"),
    ("_cny_gj", "CNY/GJ"),
    ("_cny_m", "CNY/m"),
    ("_cny", "CNY"),
    ("_kg_gj", "kg/GJ"),
    ("_kg_kwh", "kg/kWh"),
    ("_t_year", "t/a"),
    ("_mwh_year", "MWh/a"),
    ("_w_m", "W/m"),
    ("_bar", "bar"),
    ("_md", "mD"),
    ("_kw", "kW"),
    ("_m2", "m2"),
    ("_years", "a"),
    ("_hours", "h"),
    ("_days", "d"),
    ("_percent", "%"),
    ("_pj", "PJ"),
    ("_c", "degC"),
    ("_k", "K"),
    ("_m", "m"),
)
"""Endings of names and the units they stand for, longest first."""


def unit_of(name: str) -> str:
    """Return the unit that a name carries in its ending; "1" where it carries none.

    Examples
    --------
    >>> unit_of("gradient_k_per_km"), unit_of("resistance_mk_w"), unit_of("boreholes")
    ('K/km', 'm K/W', '1')
    """
    return next((unit for ending, unit in UNITS if name.endswith(ending)), "1")


def reported(
    inputs: dict[str, Any],
    results: dict[str, Any],
    *,
    formula: str,
    sources: tuple[str, ...],
    zh: str,
    en: str,
) -> dict[str, Any]:
    """Put results, inputs with units, formula, sources and a remark together, numbers to six digits."""
    rounded = {
        name: float(f"{value:.6g}") if isinstance(value, float) else value for name, value in results.items()
    }
    return {
        **rounded,
        "inputs": {name: {"value": value, "unit": unit_of(name)} for name, value in inputs.items()},
        "units": {
            name: "kW" if name.startswith("kw_") else unit_of(f"x_{name}" if name == "mwh_year" else name)
            for name in results
        },
        "formula": formula,
        "sources": list(sources),
        "note_zh": zh,
        "note_en": en,
    }
