"""Everything one assessment reads, read once, with its provenance."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from faults import Fault, InputError
from layers.catalog import Catalog, load_catalog
from layers.sources import Layer, raster_path, read_layer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    import geopandas as gpd

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

    def frame(self, name: str) -> gpd.GeoDataFrame | None:
        """Return the rows of a layer with demo, source and confidence added, or None where it is missing."""
        layer = self.layers.get(name)
        if layer is None:
            return None
        origin = {"demo": layer.demo, "source": layer.source, "confidence": layer.confidence}
        return layer.frame.assign(**origin)

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
        raise InputError(faults)
    if not {"buildings", "municipal", "farmland"} & set(layers):
        rule = "needs at least one of the layers buildings, municipal, farmland"
        raise InputError([Fault("region", None, "layers", None, rule, file="region.toml")])
    return Inputs(
        region=region,
        layers=layers,
        terrain=raster_path(region, "terrain", progress=progress),
        surface=raster_path(region, "surface", progress=progress),
        catalogs={
            name: scenario.change(name, load_catalog(path)) for name, path in sorted(region.catalogs.items())
        },
        ground=None if region.ground is None else load_catalog(region.ground),
    )


def provenance(inputs: Inputs) -> list[dict[str, Any]]:
    """Describe every input file for the manifest: layer, file, hash, origin, rows used and rejected."""
    entries = []
    for name, layer in inputs.layers.items():
        for file in layer.files:
            entry = _entry(name, file)
            origin = {"source": layer.source, "licence": layer.licence, "confidence": layer.confidence}
            counts = {"rows": len(layer.frame), "rejected": len(layer.rejected)}
            entries.append({**entry, "demo": layer.demo, **origin, **counts})
    entries += [_entry(name, file) for name, file in _other_files(inputs)]
    return entries


def _other_files(inputs: Inputs) -> Iterator[tuple[str, Path]]:
    region = inputs.region
    rasters = (("terrain", inputs.terrain), ("surface", inputs.surface))
    climate = ("climate", region.climate.normals or region.climate.epw or region.climate.hourly)
    for name, file in (*rasters, climate, ("ground", region.ground)):
        if file is not None:
            yield name, file
    for name, file in sorted(region.catalogs.items()):
        yield f"catalog {name}", file


def _entry(name: str, file: Path) -> dict[str, Any]:
    return {"layer": name, "file": file.name, "sha256": sha256(file)}


def sha256(file: Path) -> str:
    """Return the SHA-256 of a file as hexadecimal digits."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
