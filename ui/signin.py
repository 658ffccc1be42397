"""Sign-in by Streamlit's own OpenID Connect: who a visitor is, on a page and in the cookies of a request."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.auth_util import get_cookie_with_chunks
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ui.access import Access, Role


def who_sent(cookies: Mapping[str, str]) -> tuple[str | None, bool]:
    """Return the address in the signed cookies of a request, and whether the provider verified it.

    A cookie that is missing, forged, out of date or of a visitor who signed out names nobody.
    """
    told = get_cookie_with_chunks(lambda name: _decoded(cookies, name), USER_COOKIE_NAME)
    try:
        user = json.loads(told or b"{}")
    except ValueError:
        return None, False
    if not isinstance(user, dict) or user.get("is_logged_in") is not True:
        return None, False
    return _address(user.get("email"), verified=user.get("email_verified"))


def visitor() -> tuple[str | None, bool]:
    """Return the address of who looks at this page, and whether the provider verified it."""
    if not st.user.get("is_logged_in", False):
        return None, False
    return _address(st.user.get("email"), verified=st.user.get("email_verified"))


def role_here(access: Access) -> Role | None:
    """Return the role of who looks at this page; None: not signed in, or not let in."""
    if access.sign_in != "oidc":
        return access.role_of(None)
    email, verified = visitor()
    return access.role_of(email, verified=verified)


def _decoded(cookies: Mapping[str, str], name: str) -> bytes | None:
    value = cookies.get(name)
    if value is None:
        return None
    return decode_signed_value(get_cookie_secret(), name, value)


def _address(email: object, *, verified: object) -> tuple[str | None, bool]:
    """Trust an address unless the provider says that it is not verified; many do not say it."""
    if not isinstance(email, str) or not email:
        return None, False
    return email, verified is None or verified is True or verified == "true"
