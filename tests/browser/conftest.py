"""The system's Chromium for all tests of this folder."""

from __future__ import annotations

import pytest
from chromium import SWITCHES


@pytest.fixture(scope="module")
def browser(program):
    path = program("chromium")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=SWITCHES)
        yield browser
        browser.close()
