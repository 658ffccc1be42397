"""Every sentence people see, in two languages, and the language of the page."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from ui.texts import TEXTS

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")


def language() -> Language:
    """Return the language of this session."""
    return "en" if st.session_state.get("lang") == "en" else "zh"


def say(key: str, lang: Language, /, **values: object) -> str:
    """Return a text in a language, with its values filled in.

    Examples
    --------
    >>> say("type.roof_flat", "zh"), say("type.roof_flat", "en")
    ('平屋顶', 'Flat roof')
    """
    text = TEXTS[key]
    chosen = text.en if lang == "en" else text.zh
    return chosen.format(**values) if values else chosen


def t(key: str, /, **values: object) -> str:
    """Return a text in the language of this session."""
    return say(key, language(), **values)


def name_of(group: str, code: object, lang: Language | None = None) -> str:
    """Return the name of a code such as `type`, `roof_flat`; the code itself where it has no name."""
    key, chosen = f"{group}.{code}", lang or language()
    if key in TEXTS:
        return say(key, chosen)
    return say("unknown", chosen) if code in (None, "unknown", "nan", "None") else str(code)
