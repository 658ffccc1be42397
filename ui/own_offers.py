"""Changes that a check suggests, to be ticked: offset datums undone, units converted, columns chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from layers.chinese import in_chinese
from ui.own_words import column_name
from ui.words import language, name_of, t

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from layers.offers import Offer
    from ui.own_work import Draft

DATUM_NAMES = {"gcj02": "GCJ-02", "bd09": "BD-09"}


def offer_changes(offers: Sequence[Offer]) -> None:
    """Offer each change with what was measured; nothing is done unless it is ticked and checked again."""
    if not offers:
        return
    with st.container(border=True):
        st.markdown(f"**{t('own.suspected')}**")
        for offer in offers:
            st.checkbox(_label(offer), key=_key(offer))
            said = in_chinese(offer.rule) if language() == "zh" else offer.rule
            st.caption(said or offer.rule)
        st.caption(t("own.offset_note"))


def say_changes(offers: Sequence[Offer], file: str) -> None:
    """Say for one file what would be converted, and the command that does it."""
    if not offers:
        return
    with st.container(border=True):
        st.markdown(f"**{t('own.suspected')}**")
        for offer in offers:
            st.caption(_label(offer))
        told = " ".join(f"--set {offer.setting}" for offer in offers)
        st.code(f"yijian check {file} --as {offers[0].layer} {told} --fix fixed.gpkg", language="bash")


def _label(offer: Offer) -> str:
    what, _, value = offer.setting.partition("=")
    layer = name_of("layer", offer.layer)
    if what == "convert":
        return t("own.convert", layer=layer, datum=DATUM_NAMES[value])
    if what == "axis":
        return t("own.swap", layer=layer)
    return t("own.unit", layer=layer, column=column_name(offer.layer, what.partition(".")[2]), unit=value)


def _key(offer: Offer) -> str:
    return f"own_offer_{offer.layer}_{offer.setting}"


def ticked(offers: Sequence[Offer]) -> dict[str, tuple[str, ...]]:
    """Return the settings that are ticked, by layer."""
    found: dict[str, tuple[str, ...]] = {}
    for offer in offers:
        if st.session_state.get(_key(offer), False):
            found[offer.layer] = (*found.get(offer.layer, ()), offer.setting)
    return found


def agreed_before(draft: Draft | None, files: Mapping[str, Path]) -> dict[str, tuple[str, ...]]:
    """Return the changes a draft was made with, for files that are still the same.

    Once made, nothing is suspected any more, and no box is there to stay ticked.
    """
    if draft is None:
        return {}
    before = {**draft.layers, "towns": draft.boundary}
    kept = {
        name: tuple(text for text in settings if not text.startswith("columns."))
        for name, settings in draft.told.items()
        if before.get(name) == files.get(name)
    }
    return {name: settings for name, settings in kept.items() if settings}
