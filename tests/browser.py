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
def launched(**more):
    """The browser, until the block ends."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS, **more)
        try:
            yield browser
        finally:
            browser.close()


@pytest.fixture(scope="module")  # playwright keeps an event loop running as long as it lives, which disturbs tests that have their own
def chromium() -> Iterator:
    """A real browser."""
    _required()
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def without_fonts(tmp_path_factory) -> Iterator:
    """A real browser on a machine without any font, whatever this one has."""
    _required()
    home = tmp_path_factory.mktemp("home")
    (home / "fonts.conf").write_text('<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "fonts.dtd">\n<fontconfig/>\n')
    with launched(env={"PATH": os.environ["PATH"], "HOME": str(home), "FONTCONFIG_FILE": str(home / "fonts.conf")}) as browser:
        yield browser


def _required() -> None:
    if shutil.which("chromium") is None:
        why = "there is no chromium (Debian: apt-get install chromium)"
        if os.environ.get("SIMGOV_BROWSER") == "required":
            pytest.fail(why)
        pytest.skip(why)


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


# Whether each character is drawn, and as something else than the others: a box is the same for all that are missing.
DISTINCT = """async text => {
  await document.fonts.ready
  const drawn = c => {
    const pen = document.createElement('canvas').getContext('2d')
    pen.font = '40px ' + getComputedStyle(document.body).fontFamily
    pen.fillText(c, 0, 40)
    return pen.canvas.toDataURL()
  }
  const shots = [...' ' + text].map(drawn)
  return new Set(shots).size === shots.length
}"""


def readable(pdf: Path) -> str:
    """The characters that a PDF is written with, as a reader that copies them gets them."""
    import re
    import zlib

    found = []
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf.read_bytes(), re.DOTALL):
        try:
            text = zlib.decompress(stream)
        except zlib.error:
            continue
        for block in re.findall(rb"beginbfchar(.*?)endbfchar", text, re.DOTALL):
            found += [chr(int(code, 16)) for code in re.findall(rb"<[0-9A-F]+> <([0-9A-F]{4})>", block)]
        for block in re.findall(rb"beginbfrange(.*?)endbfrange", text, re.DOTALL):
            for low, high, code in re.findall(rb"<([0-9A-F]+)> <([0-9A-F]+)> <([0-9A-F]{4})>", block):
                found += map(chr, range(int(code, 16), int(code, 16) + int(high, 16) - int(low, 16) + 1))
    return "".join(found)


def address(file: Path) -> str:
    """Of a file on this machine."""
    return file.resolve().as_uri()


# What is wider than the window, apart from what stands in a frame that scrolls by itself.
OVERFLOWING = """() => [...document.querySelectorAll('body *')].filter(e => !e.closest('svg, .frame') && e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map(e => e.tagName + '.' + e.className + ': ' + e.textContent.trim().slice(0, 60))"""
