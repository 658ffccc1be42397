"""What every file must say about the run it comes from: identity, notices, licences, what was not checked."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from exports.labels import layer_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assessment.run import Run

Lang = Literal["zh", "en"]

_TEXT: Mapping[str, Mapping[Lang, str]] = {
    "run": {"zh": "运行编号", "en": "Run"},
    "region": {"zh": "区域", "en": "Region"},
    "date": {"zh": "运行日期", "en": "Date of the run"},
    "version": {"zh": "软件版本", "en": "Version"},
    "scenario": {"zh": "情景", "en": "Scenario"},
    "demo": {"zh": "示范数据", "en": "Demonstration layers"},
    "boundary": {"zh": "边界说明", "en": "Boundaries"},
    "licence": {"zh": "数据来源与许可", "en": "Sources and licences"},
    "not_checked": {"zh": "未核查规则", "en": "Rules not checked"},
    "incomplete": {"zh": "未评估的范围", "en": "Ground not assessed"},
}
_DEMO: Mapping[Lang, str] = {
    "zh": "以下图层为程序生成的示范数据，非实测：{}",
    "en": "these layers are generated for demonstration, not surveyed: {}",
}
_MISSING: Mapping[Lang, str] = {
    "zh": "{}个分块未能评估，其中的场址不在结果内",
    "en": "{} tiles could not be assessed; sites in them are missing",
}
_NONE: Mapping[Lang, str] = {"zh": "无", "en": "none"}
_UNKNOWN: Mapping[Lang, str] = {"zh": "未知", "en": "unknown"}


@dataclass(frozen=True)
class Provenance:
    """The notices of one run, in both languages."""

    run_id: str
    """Identity of the run; the same inputs give the same one."""
    region_id: str
    """Short name of the region in file names."""
    region: Mapping[Lang, str]
    """Name of the region."""
    date: str | None
    """Day of the run (ISO 8601); None where the run does not record it."""
    version: str
    scenario: str
    demo_layers: tuple[str, ...]
    """Layers that were generated, not surveyed."""
    boundary_note: Mapping[Lang, str]
    """What must be said about the boundaries."""
    attributions: tuple[str, ...]
    """Layer, source and licence of every input, one line each."""
    not_checked: Mapping[str, Mapping[Lang, str]]
    """Rules that no layer could answer: id and title."""
    missing_tiles: int
    """Parts of the region that could not be assessed; what lies in them is in no table."""

    def items(self, lang: Lang) -> list[tuple[str, str]]:
        """Return label and text of every notice, in the order they are shown."""
        demo = _DEMO[lang].format(layer_names(self.demo_layers, lang)) if self.demo_layers else _NONE[lang]
        titles = [f"{title[lang]} ({key})" for key, title in self.not_checked.items()]
        values = {
            "run": self.run_id,
            "region": self.region[lang],
            "date": self.date or _UNKNOWN[lang],
            "version": f"Yijian {self.version}",
            "scenario": self.scenario,
            "demo": demo,
            "boundary": self.boundary_note[lang] or _NONE[lang],
            "licence": "; ".join(self.attributions) or _UNKNOWN[lang],
            "not_checked": "; ".join(titles) or _NONE[lang],
        }
        if self.missing_tiles:
            values["incomplete"] = _MISSING[lang].format(self.missing_tiles)
        return [(_TEXT[key][lang], value) for key, value in values.items()]

    def lines(self, lang: Lang) -> list[str]:
        """Return the notices as lines of text."""
        colon = "：" if lang == "zh" else ": "
        return [f"{label}{colon}{text}" for label, text in self.items(lang)]

    def text(self) -> str:
        """Return all notices, Chinese first, as one text."""
        return "\n".join([*self.lines("zh"), "", *self.lines("en")])

    def short(self, lang: Lang) -> str:
        """Return one line for a place where only one line fits."""
        parts = [self.run_id]
        if self.demo_layers:
            parts.append("含示范数据" if lang == "zh" else "uses demonstration layers")
        if self.boundary_note[lang]:
            parts.append(self.boundary_note[lang])
        if self.not_checked:
            count = len(self.not_checked)
            parts.append(f"{count}条规则未核查" if lang == "zh" else f"{count} rules not checked")
        if self.missing_tiles:
            parts.append(_MISSING[lang].format(self.missing_tiles))
        return " | ".join(parts)

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain values, for JSON."""
        return {
            "run_id": self.run_id,
            "region": {"id": self.region_id, **{f"name_{lang}": name for lang, name in self.region.items()}},
            "date": self.date,
            "version": self.version,
            "scenario": self.scenario,
            "demo_layers": list(self.demo_layers),
            "boundary_note_zh": self.boundary_note["zh"],
            "boundary_note_en": self.boundary_note["en"],
            "attribution": list(self.attributions),
            "not_checked": {key: dict(title) for key, title in self.not_checked.items()},
            "missing_tiles": self.missing_tiles,
        }

    def as_strings(self) -> dict[str, str]:
        """Return everything as text by key, for formats whose metadata holds only text."""
        return {
            key: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            for key, value in self.as_dict().items()
        }


def provenance_of(run: Run) -> Provenance:
    """Gather the notices of a run from its manifest."""
    manifest = run.manifest
    region = manifest["region"]
    rules = {rule["id"]: rule for rule in manifest.get("rules", ())}
    return Provenance(
        run_id=str(manifest["run_id"]),
        region_id=str(region["id"]),
        region={"zh": str(region["name_zh"]), "en": str(region["name_en"])},
        date=_date(run),
        version=str(manifest.get("version", "")),
        scenario=_scenario(manifest.get("scenario")),
        demo_layers=tuple(manifest.get("demo_layers", ())),
        boundary_note={
            "zh": str(manifest.get("boundary_note_zh") or ""),
            "en": str(manifest.get("boundary_note_en") or ""),
        },
        attributions=tuple(text for entry in manifest.get("inputs", ()) if (text := _attribution(entry))),
        not_checked={key: _title(rules.get(key, {}), key) for key in manifest.get("not_checked", ())},
        missing_tiles=len(manifest.get("incomplete", ())),
    )


def _title(rule: Mapping[str, Any], key: str) -> dict[Lang, str]:
    return {"zh": str(rule.get("title_zh") or key), "en": str(rule.get("title_en") or key)}


def _attribution(entry: Mapping[str, Any]) -> str:
    """Return layer, source and licence; empty where the run names neither."""
    source, licence = entry.get("source"), entry.get("licence")
    if not source and not licence:
        return ""
    return f"{entry['layer']}: {source or _UNKNOWN['en']} ({licence or _UNKNOWN['en']})"


def _scenario(scenario: object) -> str:
    """Return the scenario's name, whether the run keeps only that or all its settings."""
    if isinstance(scenario, dict):
        return str(scenario.get("name") or json.dumps(scenario, ensure_ascii=False, sort_keys=True))
    return str(scenario or "default")


def _date(run: Run) -> str | None:
    """Return the day of the run from its timings, the one place where a run keeps dates."""
    try:
        timings = json.loads((run.path / "timings.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    found = timings.get("date") or timings.get("finished") or timings.get("started")
    return str(found)[:10] if found else None
