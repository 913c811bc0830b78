"""Debian's chromium for tests of pages, started once for each file of them; without one they are left out, unless SIMGOV_BROWSER=required."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ARGUMENTS = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@contextmanager
def launched():
    """The browser, until the block ends."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@pytest.fixture(scope="module")  # playwright keeps an event loop running as long as it lives, which disturbs tests that have their own
def chromium() -> Iterator:
    """A real browser."""
    if shutil.which("chromium") is None:
        why = "there is no chromium (Debian: apt-get install chromium)"
        if os.environ.get("SIMGOV_BROWSER") == "required":
            pytest.fail(why)
        pytest.skip(why)
    with launched() as browser:
        yield browser


@contextmanager
def opened(browser, window=DESKTOP, **more):
    """A page in a window of its own, and the addresses that it asks for."""
    context = browser.new_context(viewport=window, **more)
    page, asked = context.new_page(), []
    page.on("request", lambda request: asked.append(request.url))
    try:
        yield page, asked
    finally:
        context.close()


def address(file: Path) -> str:
    """Of a file on this machine."""
    return file.resolve().as_uri()


# What is wider than the window, apart from what stands in a frame that scrolls by itself.
OVERFLOWING = """() => [...document.querySelectorAll('body *')].filter(e => !e.closest('svg, .frame') && e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map(e => e.tagName + '.' + e.className + ': ' + e.textContent.trim().slice(0, 60))"""
