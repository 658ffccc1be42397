"""Where every number is from: layers and licences, rules and documents, parameters, gaps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from assessment.scenario import REFERENCE
from layers.catalog import load_catalog
from layers.region import EMBEDDED, load_region
from ui.blocks import text_table
from ui.format import amount, count
from ui.page import footer, header, open_page, township_names
from ui.rules import OUTCOME_BOXES, explain_project, project_townships, reading_lines, reading_title
from ui.words import language, name_of, t

if TYPE_CHECKING:
    from ui.store import Store


def page() -> None:
    """Show the page."""
    store = open_page()
    header(store, t("methods.title"), t("methods.lead"))
    _layers(store)
    _rules(store)
    _readings(store)
    _project(store)
    _values()
    _parameters(store)
    st.subheader(t("methods.words"), anchor="words")
    st.markdown(t("methods.words_text"))
    footer(store)


def _layers(store: Store) -> None:
    st.subheader(t("methods.layers"), anchor="layers")
    st.caption(t("methods.layers_note"))
    rows = [
        {
            t("col.layer"): _layer_name(entry["layer"]),
            t("col.demo"): t("yes") if entry.get("demo") else t("no"),
            t("col.source"): entry.get("source") or _unsaid(entry),
            t("col.licence"): entry.get("licence") or _unsaid(entry),
            t("col.confidence"): name_of("confidence", entry.get("confidence") or None),
            t("col.rows"): count(entry.get("rows")),
            t("col.rejected"): count(entry.get("rejected")),
            "SHA-256": str(entry.get("sha256", ""))[:12],
        }
        for entry in store.run.manifest["inputs"]
    ]
    text_table(pd.DataFrame(rows))


def _unsaid(entry: dict[str, Any]) -> str:
    """Return what stands where an input says nothing: generated layers have no source."""
    return t("methods.generated") if entry.get("demo") else t("unknown")


def _layer_name(code: str) -> str:
    """Return the name of an input: a layer, or one of the catalogues."""
    kind, _, rest = code.partition(" ")
    return f"{t('col.catalog')} {rest}" if kind == "catalog" else name_of("layer", code)


def _rules(store: Store) -> None:
    st.subheader(t("methods.rules"), anchor="rules")
    missing = set(store.run.manifest["not_checked"])
    st.caption(t("methods.rules_note", n=len(missing)))
    rows = [
        {
            t("col.rule"): rule[f"title_{language()}"],
            t("col.document"): rule["document"],
            t("col.checked"): t("rule.not_checked") if rule["id"] in missing else t("rule.checked"),
            t("col.confidence"): name_of("confidence", rule["confidence"]),
            t("col.verified"): t("rule.unverified") if rule["unverified"] else t("rule.verified"),
        }
        for rule in store.run.manifest["rules"]
    ]
    text_table(pd.DataFrame(rows), tall=True)


def _readings(store: Store) -> None:
    st.subheader(t("methods.readings"), anchor="readings")
    known = store.run.manifest.get("scenario")
    made = known if isinstance(known, dict) else {}
    st.caption(t("methods.readings_note", name=reading_title(made.get("reading", REFERENCE))))
    packs = made.get("packs") or load_region(EMBEDDED).rule_packs
    st.markdown("\n".join(reading_lines(packs)))


def _project(store: Store) -> None:
    """Answer a project on the ground of a township: enough land, enough with its date, or too little."""
    st.subheader(t("methods.project"), anchor="project")
    st.caption(t("methods.project_note"))
    choices = project_townships(store)
    if not choices:
        st.info(t("methods.project_old"))
        return
    names = township_names(store)
    place, power, land = st.columns(3)
    township = place.selectbox(t("col.township"), choices, format_func=lambda code: names.get(code, code))
    megawatts = power.number_input(
        t("methods.project_mw"), min_value=1.0, max_value=5000.0, value=150.0, step=10.0, format="%g"
    )
    per_mw = land.number_input(
        t("methods.ha_per_mw"), min_value=0.5, max_value=5.0, value=1.5, step=0.1, format="%.1f"
    )
    told = explain_project(store, township, megawatts * per_mw)
    head, *ways, verdict = told.lines(language())
    getattr(st, OUTCOME_BOXES[told.outcome])(verdict)
    st.markdown("\n".join([head, "", *(f"- {way}" for way in ways)]))


def _values() -> None:
    """Every number of the catalogues with its range and source; unverified ones can be shown alone."""
    st.subheader(t("methods.values"), anchor="values")
    st.caption(t("methods.values_note"))
    only = st.toggle(t("methods.only_unverified"), key="only_unverified")
    rows = [
        {
            t("col.catalog"): name,
            t("col.value_name"): key,
            t("col.value"): amount(found.value, found.unit, digits=4),
            t("col.range"): f"{amount(found.low, '')} – {amount(found.high, '')}",
            t("col.confidence"): name_of("confidence", found.confidence),
            t("col.verified"): t("rule.unverified") if found.unverified else t("rule.verified"),
            t("col.source"): found.source,
        }
        for name, file in load_region(EMBEDDED).catalogs.items()
        for key, found in load_catalog(file).items()
        if found.unverified or not only
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, width="stretch", height=360)


def _parameters(store: Store) -> None:
    with st.expander(t("methods.parameters")):
        st.json(store.run.manifest["parameters"])
