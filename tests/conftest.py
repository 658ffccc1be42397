"""How the tests run: no test has a time limit, and a run of the pipeline draws the same cases each time."""

from __future__ import annotations

import os
import sys

import pytest
from hypothesis import settings
from playwright.sync_api import sync_playwright

from tests.browsing import WAIT_MS
from tests.chromium import FLAGS, Watch, chromium

settings.register_profile("calm", deadline=None)
settings.register_profile("pipeline", settings.get_profile("calm"), derandomize=True)
settings.load_profile("pipeline" if os.environ.get("CI") else "calm")


@pytest.fixture(scope="module")
def browser():
    """A headless Chromium."""
    path = chromium()
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield found
        found.close()


@pytest.fixture
def page(browser, address):
    """A page of the module's server that may neither ask elsewhere nor complain."""
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, accept_downloads=True, locale="zh-CN"
    )
    context.set_default_timeout(WAIT_MS)
    page = context.new_page()
    page.watch = Watch(page, address)
    yield page
    page.watch.assert_quiet()
    context.close()


@pytest.fixture(autouse=True)
def _same_main():
    """Put the main module back: a page under test takes its place, and new processes would run it."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main
