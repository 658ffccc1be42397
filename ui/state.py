"""What a session remembers and what its address says: language, town, filter, map settings, chosen site."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import streamlit as st

from assessment.run import HEAT_TECHNOLOGIES
from faults import InputError
from tracking.scenario import from_address, to_address
from ui.filters import Filter
from ui.mapview import COLOUR_CHOICES, SHOW_CHOICES
from ui.rasters import raster_names
from ui.whatif import WhatIf
from ui.words import LANGUAGES, language

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ui.store import Store

DEFAULTS: dict[str, Any] = {
    "lang": "zh",
    "town": "",
    "filter": Filter(),
    "show": ("sites", "background"),
    "by": "kind",
    "tech": (),
    "raster": "",
    "opacity": 90,
    "view": None,
    "site": "",
    "whatif": "",
    "scenario_a": "",
    "scenario_b": "",
}
LONGEST = 4000
KEPT_BY_BROWSER = ("view", "site")
"""Parts of the address that the browser itself keeps up to date."""


def remember(store: Store) -> None:
    """Fill the session from the address, once; what the address says wrong is dropped and named."""
    if st.session_state.get("ready") == store.key:
        return
    if "ready" in st.session_state:  # another run is shown now: towns, sites and filters may not be in it
        for name in st.session_state:
            if name != "lang":
                del st.session_state[name]
        st.query_params.clear()
    for name, value in DEFAULTS.items():
        st.session_state.setdefault(name, value)
    wrong = []
    for name, text in st.query_params.items():
        try:
            st.session_state[name] = _read(name, text, store)
        except KeyError:
            continue
        except (ValueError, InputError):
            wrong.append(name)
    st.session_state["wrong_address"] = tuple(wrong)
    st.session_state["ready"] = store.key


def _read(name: str, text: str, store: Store) -> Any:  # noqa: ANN401 - each part of the state has its type
    """Return one part of the state; KeyError for parts that are not ours, else ValueError or InputError."""
    if len(text) > LONGEST:
        raise ValueError(name)
    choices: dict[str, Sequence[str]] = {
        "lang": LANGUAGES,
        "town": store.towns,
        "by": COLOUR_CHOICES,
        "raster": raster_names(store.run),
    }
    return _one_of(text, choices[name]) if name in choices else READERS[name](text)


def _codes(known: Sequence[str]) -> Callable[[str], tuple[str, ...]]:
    return lambda text: tuple(_one_of(code, known) for code in json.loads(text))


def _view(text: str) -> dict[str, float]:
    """Read zoom/lat/lon."""
    zoom, lat, lon = (float(part) for part in text.split("/"))
    if not (0 <= zoom <= 22 and abs(lat) <= 85 and abs(lon) <= 180):  # noqa: PLR2004 - a web map's limits
        raise ValueError(text)
    return {"zoom": zoom, "lat": lat, "lon": lon}


def _one_of(text: str, known: Sequence[str]) -> str:
    if text not in known:
        raise ValueError(text)
    return text


READERS: dict[str, Callable[[str], Any]] = {
    "filter": Filter.parse,
    "whatif": lambda text: WhatIf.parse(text).text(),
    "scenario_a": lambda text: to_address(from_address(text)),
    "scenario_b": lambda text: to_address(from_address(text)),
    "show": _codes(SHOW_CHOICES),
    "tech": _codes(HEAT_TECHNOLOGIES),
    "opacity": lambda text: min(max(int(text), 10), 100),
    "view": _view,
    "site": lambda text: text[:80],
}
"""How the parts of the address that are no plain choice are read."""


def write_address() -> None:
    """Put what differs from the default into the address, as codes and JSON."""
    found = {}
    for name, default in DEFAULTS.items():
        value = st.session_state.get(name, default)
        if value == default or name in KEPT_BY_BROWSER:
            continue
        if isinstance(value, Filter):
            found[name] = value.text()
        else:
            found[name] = json.dumps(value, separators=(",", ":")) if isinstance(value, tuple) else str(value)
    if dict(st.query_params) != found:
        st.query_params.from_dict(found)


def local(name: str) -> str:
    """Return a widget key that is new in each language: browsers keep the words of a choice, not its code."""
    return f"{name}_{language()}"


def _key(name: str) -> str:
    return "w_lang" if name == "lang" else local(f"w_{name}")


def widget(name: str) -> str:
    """Return the key of the widget that edits one part of the state.

    Streamlit forgets a widget when its page is left; the state keeps its value, and the widget starts there.
    """
    key = _key(name)
    if key not in st.session_state:
        value = st.session_state[name]
        st.session_state[key] = list(value) if isinstance(value, tuple) else value
    return key


def take(name: str) -> None:
    """Keep what such a widget holds; its callback."""
    value = st.session_state[_key(name)]
    st.session_state[name] = tuple(value) if isinstance(value, list) else value


def put(name: str, value: Any) -> None:  # noqa: ANN401 - each part of the state has its type
    """Set one part of the state from code; its widget follows when it is next drawn."""
    st.session_state[name] = value
    for lang in LANGUAGES:
        st.session_state.pop(f"w_{name}_{lang}", None)
