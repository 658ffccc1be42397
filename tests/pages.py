"""What pages show, read back in tests without a browser."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pandas as pd


def html_tables(page) -> list[pd.DataFrame]:
    """Return the tables of text on a page, as frames of texts."""
    found = []
    for html in page.get("html"):
        for text in re.findall("<table.*?</table>", html.proto.body, re.DOTALL):
            tree = ET.fromstring(text)  # noqa: S314 - our own page
            heads = [cell.text for cell in tree.iter("th") if cell.get("scope") == "col"]
            rows = [["".join(cell.itertext()) for cell in row] for row in tree.iterfind("tbody/tr")]
            found.append(pd.DataFrame(rows, columns=heads))
    return found


def tables(page, column: str) -> list[pd.DataFrame]:
    """Return the tables with a column of this name: sortable ones, then those of text."""
    frames = [*(frame.value for frame in page.dataframe), *html_tables(page)]
    return [frame for frame in frames if column in frame]
