"""The page script: configuration and navigation. Every page is one module of `ui.views`."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from ui.access import load_access
from ui.signin import role_here
from ui.views import assess, geothermal, ledger, methods, overview, own_data, plan, scenarios, sites, towns
from ui.views import map as map_page
from ui.words import t

ICON = Path(__file__).parent / "static" / "icon.png"
PAGES = {
    "overview": (overview.page, ":material/monitoring:"),
    "map": (map_page.page, ":material/map:"),
    "sites": (sites.page, ":material/table_rows:"),
    "towns": (towns.page, ":material/location_city:"),
    "geothermal": (geothermal.page, ":material/device_thermostat:"),
    "scenarios": (scenarios.page, ":material/tune:"),
    "plan": (plan.page, ":material/event_upcoming:"),
    "ledger": (ledger.page, ":material/assignment:"),
    "own_data": (own_data.page, ":material/upload_file:"),
    "assess": (assess.page, ":material/play_circle:"),
    "methods": (methods.page, ":material/menu_book:"),
}


def run() -> None:
    """Show the page that the address names."""
    if "lang" not in st.session_state:
        st.session_state["lang"] = "en" if st.query_params.get("lang") == "en" else "zh"
    st.set_page_config(page_title=t("app.title"), page_icon=str(ICON), layout="wide")
    access = load_access()
    if role_here(access) is None:
        if access.sign_in == "oidc" and not st.user.get("is_logged_in", False):
            st.login()
        st.error(t("app.not_let_in"))
        st.stop()
    st.logo(str(ICON), size="small")
    pages = {
        name: st.Page(show, title=t(f"nav.{name}"), icon=icon, url_path=name, default=name == "overview")
        for name, (show, icon) in PAGES.items()
    }
    st.session_state["pages"] = pages
    st.navigation(list(pages.values()), position="top").run()


if __name__ == "__main__":
    run()
