"""Scenarios as people keep them: a TOML file, a name in the list of saved ones, a text in a page's address.

One format: what is saved here is what `yijian assess --scenario` reads.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import zlib
from typing import TYPE_CHECKING, Any

from assessment.run import write_file_atomically
from assessment.scenario import Scenario, load_scenario, scenario_from_tree
from faults import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LAYER = "scenario"
LONGEST_ADDRESS = 8000
LARGEST_TEXT = 200_000
"""Bytes that an address may unpack to."""
LONGEST_NAME = 60
READABLE = 600
"""Characters up to which an address says a scenario in plain JSON."""
ON_THE_SITES = ("costs.",)
"""Numbers that a scenario may change without a new run."""


def needs_new_run(scenario: Scenario, manifest: Mapping[str, Any]) -> tuple[str, ...]:
    """Name what of a scenario cannot be applied to the sites of a run: that needs `yijian assess --scenario`.

    Rules that the run had and the scenario leaves out are no reason where the run kept its rule sets.
    """
    made = manifest.get("scenario")
    run = Scenario.from_dict(made) if isinstance(made, dict) else Scenario()
    reasons = [
        name
        for name in ("packs", "reading", "heat_baseline", "heat_judgements")
        if getattr(scenario, name) != getattr(run, name)
        and getattr(scenario, name) != getattr(Scenario(), name)
    ]
    reasons += [f"rules_off: {rule}" for rule in sorted(run.rules_off - scenario.rules_off)]
    reasons += [
        key
        for key, value in scenario.values.items()
        if not key.startswith(ON_THE_SITES) and run.values.get(key) != value
    ]
    return tuple(reasons)


def scenario_text(scenario: Scenario) -> str:
    """Return a scenario as TOML: what differs from the reference, and its name.

    Examples
    --------
    >>> print(scenario_text(Scenario(name="便宜", values={"costs.price.feed_in": 0.2})), end="")
    name = "便宜"
    <BLANKLINE>
    [values]
    "costs.price.feed_in" = 0.2
    """
    plain = _changed(scenario)
    tables = {key: value for key, value in plain.items() if isinstance(value, dict)}
    lines = [f"{key} = {_toml(value)}" for key, value in plain.items() if key not in tables]
    for name, table in tables.items():
        lines += ["", f"[{name}]", *(f"{json.dumps(key)} = {_toml(value)}" for key, value in table.items())]
    return "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    """Write a text, number, truth value or list of texts; JSON writes them like TOML."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _changed(scenario: Scenario) -> dict[str, Any]:
    plain, reference = scenario.as_dict(), Scenario().as_dict()
    changed = {key: value for key, value in plain.items() if key not in reference or value != reference[key]}
    return {"name": scenario.name, **changed}


def save_scenario(scenario: Scenario, path: Path) -> None:
    """Write a scenario as TOML; what was there before stays if anything fails."""
    write_file_atomically(path, lambda fresh: _write(fresh, scenario_text(scenario)))


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def saved_scenarios(folder: Path) -> dict[str, Path]:
    """Return the files of a folder by the name of their scenario; what cannot be read is left out."""
    found = {}
    for file in sorted(folder.glob("*.toml")):
        try:
            found[load_scenario(file).name] = file
        except InputError:
            continue
    return found


def keep_scenario(scenario: Scenario, folder: Path) -> Path:
    """Save a scenario under its name; one of the same name is replaced.

    Raises
    ------
    InputError
        The name is empty or too long.
    """
    name = scenario.name.strip()
    if not name or len(name) > LONGEST_NAME:
        rule = f"must have from 1 to {LONGEST_NAME} characters"
        raise InputError([Fault(LAYER, None, "name", name[:80], rule)])
    path = saved_scenarios(folder).get(name) or folder / _file_name(name)
    save_scenario(scenario, path)
    return path


def _file_name(name: str) -> str:
    """Return a file's name that no other scenario has and no system refuses."""
    plain = re.sub(r"[^\w一-鿿-]+", "-", name).strip("-")[:LONGEST_NAME] or "scenario"
    return f"{plain}-{zlib.crc32(name.encode()):08x}.toml"


def to_address(scenario: Scenario) -> str:
    """Return the scenario as text for a page's address: only what differs; empty for the reference.

    Examples
    --------
    >>> from_address(to_address(Scenario(name="便宜", values={"costs.price.feed_in": 0.2}))).name
    '便宜'
    """
    if scenario == Scenario():
        return ""
    text = json.dumps(_changed(scenario), ensure_ascii=False, separators=(",", ":"))
    if len(text) <= READABLE:
        return text
    packed = zlib.compress(text.encode(), 9)
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def from_address(text: str) -> Scenario:
    """Read a scenario from a page's address.

    Raises
    ------
    InputError
        The text is no scenario.
    """
    if not text:
        return Scenario()
    fault = Fault(LAYER, None, None, text[:40], "is no scenario in an address")
    if len(text) > LONGEST_ADDRESS:
        raise InputError([fault])
    try:
        tree = json.loads(text if text.startswith("{") else _unpacked(text))
    except (binascii.Error, zlib.error, ValueError, RecursionError) as error:
        raise InputError([fault]) from error
    if not isinstance(tree, dict):
        raise InputError([fault])
    return scenario_from_tree(tree)


def _unpacked(text: str) -> bytes:
    packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    return zlib.decompressobj().decompress(packed, LARGEST_TEXT)
