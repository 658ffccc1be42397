"""All texts: one table from key to both languages, put together from the tables per subject."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ui.texts_assess import ASSESS
from ui.texts_heat import HEAT
from ui.texts_map import MAP
from ui.texts_own import OWN
from ui.texts_pages import PAGES
from ui.texts_terms import TERMS
from ui.texts_work import WORK

if TYPE_CHECKING:
    from ui.text import Text

TEXTS: dict[str, Text] = {**TERMS, **PAGES, **MAP, **ASSESS, **WORK, **OWN, **HEAT}
