"""Names of towns and townships."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from ui.region import townships_of
from ui.runs import current_store
from ui.words import language

if TYPE_CHECKING:
    from ui.store import Store
    from ui.words import Language


def town_names(store: Store, lang: Language | None = None) -> dict[str, str]:
    """Return the name of every town; without a language in that of the session."""
    towns = store.run.towns
    return dict(zip(towns["town"].astype(str), towns[f"name_{lang or language()}"], strict=True))


def township_names(store: Store, lang: Language | None = None) -> dict[str, str]:
    """Return the name of every township by the code that sites carry; without a language the session's."""
    return _township_names(store.key, lang or language())


@lru_cache(maxsize=4)
def _township_names(_key: str, lang: str) -> dict[str, str]:
    frame = townships_of(current_store().run)
    return dict(zip(frame["id"].astype(str), frame[f"name_{lang}"].astype(str), strict=True))
