"""Everything one assessment reads, read once, with its provenance."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd

from assessment.mountings import with_mountings
from faults import Fault, InputError
from layers.catalog import Catalog, load_catalog
from layers.sources import Layer, raster_faults, raster_path, read_layer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from assessment.scenario import Scenario
    from layers.region import Region

VECTOR_LAYERS = (
    "towns",
    "townships",
    "buildings",
    "municipal",
    "farmland",
    "restrictions",
    "grid",
    "heat",
    "wells",
)
SHARED_OUT = ("buildings", "municipal", "farmland")
"""Layers whose objects become candidates; their number grows with the region."""
DEMO_SOURCE = "generated for demonstration from seed {seed}; not a survey"
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class Inputs:
    """The layers and catalogues of one assessment; a layer the region does not have is absent."""

    region: Region
    layers: Mapping[str, Layer]
    terrain: Path | None
    surface: Path | None
    catalogs: Mapping[str, Catalog]
    ground: Catalog | None
    remarks: tuple[Fault, ...] = ()
    """What was put right in rasters before heights are read from them."""

    def frame(self, name: str) -> gpd.GeoDataFrame | None:
        """Return the rows of a layer with demo, source and confidence added, or None where it is missing."""
        layer = self.layers.get(name)
        return None if layer is None else layer.frame.assign(**self.origin(name, with_licence=False))

    def origin(self, name: str, *, with_licence: bool = True) -> dict[str, Any]:
        """Say where a layer is from: demo, source, confidence, and its licence."""
        spec = self.region.layers.get(name)
        if spec is None:
            origin = {
                "demo": False,
                "source": "outline of the other layers",
                "confidence": "L",
                "licence": "",
            }
        elif spec.demo:
            source = DEMO_SOURCE.format(seed=self.region.seed)
            origin = {"demo": True, "source": source, "confidence": "L", "licence": "generated, free to use"}
        else:
            origin = {name: getattr(spec, name) for name in ("demo", "source", "confidence", "licence")}
        if not with_licence:
            del origin["licence"]
        return origin

    def lean(self) -> Inputs:
        """Return the same without the objects of the layers that are shared out; their number stays known."""
        layers = {
            name: replace(layer, frame=gpd.GeoDataFrame(index=layer.frame.index))
            if name in SHARED_OUT
            else layer
            for name, layer in self.layers.items()
        }
        return replace(self, layers=layers)

    def demo_layers(self) -> tuple[str, ...]:
        """Name the layers that are generated demonstrations, rasters included."""
        return self.region.demo_layers()


def read_inputs(region: Region, scenario: Scenario, *, progress: Callable[[float, str], None]) -> Inputs:
    """Read every layer and catalogue of a region.

    Raises
    ------
    InputError
        A file cannot be used, or no layer says where anything could be built; all faults at once.
    """
    layers: dict[str, Layer] = {}
    faults: list[Fault] = []
    for index, name in enumerate(VECTOR_LAYERS):
        progress(index / len(VECTOR_LAYERS), f"reading {name}")
        try:
            layer = read_layer(region, name, progress=progress)
        except InputError as error:
            faults += error.faults
            continue
        if layer is not None:
            layers[name] = layer
    if faults:
        raise InputError(dict.fromkeys(faults))
    _require_sites(layers)
    return Inputs(
        region=region,
        layers=layers,
        terrain=raster_path(region, "terrain", progress=progress),
        surface=raster_path(region, "surface", progress=progress),
        catalogs=load_catalogs(region, scenario),
        ground=None if region.ground is None else load_catalog(region.ground),
        remarks=raster_faults(region),
    )


def _require_sites(layers: Mapping[str, Layer]) -> None:
    given = [layers[name] for name in SHARED_OUT if name in layers]
    if not given:
        rule = f"needs at least one of the layers {', '.join(SHARED_OUT)}"
        raise InputError([Fault("region", None, "layers", None, rule, file="region.toml")])
    if not any(len(layer.frame) for layer in given):
        raise InputError(
            Fault(layer.name, None, None, None, _no_rows(layer), file=", ".join(f.name for f in layer.files))
            for layer in given
        )


def _no_rows(layer: Layer) -> str:
    if not len(layer.rejected):
        return "holds no rows; nothing can be assessed"
    first = layer.rejected.iloc[0]
    return f"holds no usable row; {len(layer.rejected)} are rejected, the first: {first['rule']}"


def load_catalogs(region: Region, scenario: Scenario) -> dict[str, Catalog]:
    """Read every catalogue of a region, with the scenario's numbers in them."""
    read = {name: scenario.change(name, load_catalog(path)) for name, path in sorted(region.catalogs.items())}
    return with_mountings(read)


def provenance(inputs: Inputs) -> list[dict[str, Any]]:
    """Describe every input file for the manifest: layer, file, hash, origin, rows used and rejected."""
    entries = []
    for name, layer in inputs.layers.items():
        counts = {"rows": len(layer.frame), "rejected": len(layer.rejected)}
        entries += [_entry(name, file) | inputs.origin(name) | counts for file in layer.files]
    for name, used in (("terrain", inputs.terrain), ("surface", inputs.surface)):
        if used is not None:
            file = inputs.region.layers[name].path or used
            entries.append(_entry(name, file) | inputs.origin(name) | _put_right(inputs, name))
    own = {"demo": False, "licence": "", "confidence": "M"}
    weather = inputs.region.climate.files
    entries += [_entry("climate", file) | own | {"source": "see parameters.climate"} for file in weather]
    if inputs.region.ground is not None:
        source = "named for each number in the file"
        entries.append(_entry("ground", inputs.region.ground) | own | {"source": source})
    return entries


def _put_right(inputs: Inputs, layer: str) -> dict[str, Any]:
    changes = [remark.rule for remark in inputs.remarks if remark.layer == layer]
    return {"put_right": changes} if changes else {}


def catalogues(inputs: Inputs) -> list[dict[str, Any]]:
    """Name every catalogue file with its hash; each number in it carries its own source."""
    return [_entry(name, file) for name, file in sorted(inputs.region.catalogs.items())]


def _entry(name: str, file: Path) -> dict[str, Any]:
    return {"layer": name, "file": file.name, "sha256": sha256(file)}


def sha256(file: Path) -> str:
    """Return the SHA-256 of a file as hexadecimal digits."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
