"""The report as PDF: embedded fonts, bookmarks, maps and charts, real tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exports.reporting import ink, sections
from exports.reporting.front import front
from exports.reporting.page import PageDocument
from exports.reporting.parts import Parts

if TYPE_CHECKING:
    from pathlib import Path

    from reportlab.platypus import Flowable

    from exports.reporting.gather import Gathered

STORY = (
    front,
    sections.places,
    sections.targets,
    sections.potential,
    sections.rules,
    sections.sites,
    sections.supply,
    sections.heat,
    sections.projects,
    sections.carbon,
    sections.evaluation,
    sections.sources,
)
"""The sections in order."""


def write_document(path: Path, gathered: Gathered) -> None:
    """Write the report; the same content gives the same bytes."""
    ink.register_fonts()
    report, lang = gathered.report, gathered.lang
    template = PageDocument(
        path,
        place=report.place[lang],
        title=report.title[lang],
        source=gathered.provenance,
        lang=lang,
    )
    parts = Parts.of(gathered)
    story: list[Flowable] = [flowable for section in STORY for flowable in section(parts)]
    template.build(story)
