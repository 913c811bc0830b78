"""Report and page in a browser that has no font at all, whatever this machine has: Chinese shows, prints and becomes a PDF."""

from __future__ import annotations

import street
from browser import DISTINCT, address, opened, readable, without_fonts  # noqa: F401
from test_browser_web import WAIT, answer, begun, calm, finished, foreign, go, served
from test_web_page import ODD, odd

from simgov import report
from simgov.web.plain import WORD_JOINER


def test_a_report_brings_its_own_letters(without_fonts, tmp_path):  # noqa: F811
    """In both languages, loaded five times: the letters are there before anything is drawn (else Chromium gives up on them, now and then)."""
    for lang, text in (("zh", "办结率aA1："), ("en", "closed1%")):
        file = report.write(street.result(), tmp_path / f"{lang}.html", lang)
        for _ in range(5):
            with opened(without_fonts) as (page, asked):
                page.goto(address(file))
                assert page.evaluate(DISTINCT, text)
                assert page.locator("h1").bounding_box()["height"] > 20
            assert asked == [address(file)]
        with opened(without_fonts) as (page, _):
            page.goto(address(file))
            page.pdf(path=tmp_path / "report.pdf", format="A4")
        assert set(text) - set("aA：%") <= set(readable(tmp_path / "report.pdf"))


def test_the_control_shows_nothing(without_fonts):  # noqa: F811
    """A page that brings no letters has none: there really is no font."""
    with opened(without_fonts) as (page, _):
        page.set_content("<body style='font-family: sans-serif'><h1>办结率</h1></body>")

        assert not page.evaluate(DISTINCT, "办结")


def test_the_page_serves_its_letters(without_fonts, tmp_path):  # noqa: F811
    """Place, levers, answer and pictures in Chinese, with whatever characters an upload brings; a print of it can be searched. Nobody else is asked."""
    with served(tmp_path, street.write(tmp_path), lang="zh") as (url, _), opened(without_fonts) as (page, asked):
        page.set_default_timeout(WAIT)
        go(page, url)
        page.wait_for_function("() => [...document.fonts].some(face => face.family === 'simgov' && face.status === 'loaded')")
        page.evaluate("() => { document.body.style.fontFamily = getComputedStyle(document.querySelector('h1')).fontFamily }")
        assert page.evaluate(DISTINCT, "办结鑫镇aA1")
        begun(page)
        assert "统计截止日" in answer(page)
        finished(page)
        page.pdf(path=tmp_path / "page.pdf")
    assert set("小街办结率统计") <= set(readable(tmp_path / "page.pdf"))
    assert [one for one in asked if not one.startswith((url, "data:", "blob:"))] == []


def test_names_of_any_kind_are_shown_literally(without_fonts, tmp_path):  # noqa: F811
    """All that might be markup at once, as the name of everything that has a name: on every view it is what it is."""
    name = " ".join(ODD)
    with served(tmp_path, odd(tmp_path, name)) as (url, _), opened(without_fonts) as (page, _):
        page.set_default_timeout(WAIT)
        go(page, url)
        calm(page)
        views = [(foreign(page), shown(page))]
        begun(page)
        answer(page)
        finished(page)
        views.append((foreign(page), shown(page)))
        page.get_by_text("Runs of this page", exact=True).click()
        page.get_by_role("button", name="Show", exact=True).first.wait_for()
        views.append((foreign(page), shown(page)))

    assert [found for found, _ in views] == [[]] * 3
    assert all(name in text for _, text in views)
    assert all(f"{name} {word}" in views[0][1] for word in ("unit", "desk", "event", "handle", "alone", "office"))


def shown(page):
    """All that is read on the page."""
    return " ".join(page.locator("body").inner_text().replace(WORD_JOINER, "").split())
