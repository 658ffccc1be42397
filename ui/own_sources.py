"""What a new region is made of, asked on the page: files and their columns, open data, weather."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from layers.fetch.run import FOR_REGIONS, SOURCES
from layers.spec import LAYER_NAMES
from ui.own_upload import TYPES, WEATHER_TYPES, careful, taken
from ui.own_words import column_name
from ui.own_work import BUILT_IN_NORMALS, columns_asked
from ui.words import name_of, t

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

CHOOSABLE = tuple(name for name in LAYER_NAMES if name != "towns")
WEATHER = ("file", "normals", "pvgis", "nasa_power")
SCALES = ("none", "built_in", "file")
PUBLISHERS = {
    "osm": "OpenStreetMap",
    "overture": "Overture Maps",
    "microsoft": "Microsoft",
    "worldcover": "ESA WorldCover",
    "copernicus": "Copernicus GLO-30",
}


def own_files(folder: Path) -> dict[str, Path] | None:
    """Ask for files and match them with layers; None where two files are one layer."""
    files = st.file_uploader(
        t("own.layers"), type=TYPES, key="own_layers", accept_multiple_files=True, help=t("own.layers_help")
    )
    layers: dict[str, Path] = {}
    for file in files:
        guess = next((name for name in CHOOSABLE if name in file.name.lower()), "")
        options = ["", *CHOOSABLE]
        name = st.selectbox(
            t("own.is_layer", file=file.name),
            options,
            index=options.index(guess),
            key=f"own_is_{file.file_id}",
            format_func=lambda code: name_of("layer", code) if code else t("own.skip"),
        )
        if name in layers:
            st.error(t("own.twice", layer=name_of("layer", name)))
            return None
        if name:
            layers[name] = taken(file, folder)
    return layers


def columns_of(layers: dict[str, Path]) -> dict[str, tuple[str, ...]]:
    """Ask which column is meant where several of a file may be; return what is told of each layer."""
    told: dict[str, tuple[str, ...]] = {}
    for layer, path in layers.items():
        for column, choices in _asked(layer, path).items():
            label = t("own.which", layer=name_of("layer", layer), column=column_name(layer, column))
            choice = st.selectbox(label, choices, key=f"own_column_{path.parent.name}_{layer}_{column}")
            told[layer] = (*told.get(layer, ()), f"columns.{column}={choice}")
    return told


def _asked(layer: str, path: Path) -> dict[str, list[str]]:
    """Look into a file once; what is wrong with it is said by its check."""
    known: dict[tuple[str, str], dict[str, list[str]]] = st.session_state.setdefault("own_asked", {})
    key = (layer, str(path))
    if key not in known:
        with st.spinner(t("own.looking")):
            known[key] = careful(columns_asked, path, layer) or {}
    return known[key]


def open_data(given: Iterable[str]) -> dict[str, str]:
    """Ask which layers that nobody has are fetched, and from whom."""
    options = [name for name in FOR_REGIONS if name not in set(given)]
    chosen = st.multiselect(
        t("own.fetch"),
        options,
        key="own_fetch",
        format_func=lambda code: name_of("layer", code),
        placeholder=t("own.fetch_none"),
        help=t("own.fetch_help"),
    )
    return {name: _publisher(name) for name in chosen}


def _publisher(layer: str) -> str:
    sources = [source for source in SOURCES[layer] if source in PUBLISHERS]
    if len(sources) == 1:
        st.caption(t("own.fetch_only", layer=name_of("layer", layer), source=PUBLISHERS[sources[0]]))
        return sources[0]
    label = t("own.fetch_from", layer=name_of("layer", layer))
    return st.selectbox(label, sources, key=f"own_from_{layer}", format_func=PUBLISHERS.__getitem__)


def weather(folder: Path) -> tuple[str | None, tuple[Path, ...], Path | None]:
    """Ask for the weather: a service or files, and measured months that it is scaled to."""
    kind = st.selectbox(
        t("own.weather"), WEATHER, key="own_weather", format_func=lambda code: t(f"own.weather_{code}")
    )
    files: tuple[Path, ...] = ()
    if kind == "file":
        uploads = st.file_uploader(
            t("own.weather_file"),
            type=WEATHER_TYPES,
            key="own_weather_file",
            accept_multiple_files=True,
            help=t("own.weather_help"),
        )
        files = tuple(taken(upload, folder) for upload in uploads)
    if kind == "normals":
        return kind, (), None
    return (None if kind == "file" else kind), files, _station_normals(folder)


def _station_normals(folder: Path) -> Path | None:
    scale = st.selectbox(
        t("own.scale"),
        SCALES,
        key="own_scale",
        format_func=lambda code: t(f"own.scale_{code}"),
        help=t("own.scale_help"),
    )
    if scale != "file":
        return BUILT_IN_NORMALS if scale == "built_in" else None
    file = st.file_uploader(t("own.scale_upload"), type=["csv"], key="own_scale_file")
    return None if file is None else taken(file, folder)
