"""The report in a real browser: it asks for nothing but itself, fits a desk and a phone, and prints."""

from __future__ import annotations

import pytest
import street
from browser import DESKTOP, DISTINCT, OVERFLOWING, PHONE, address, chromium, opened  # noqa: F401

from simgov import report

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A report of the small street in each language."""
    folder = tmp_path_factory.mktemp("reports")
    return {lang: report.write(street.result(), folder / f"{lang}.html", lang) for lang in ("en", "zh")}


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("window", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_it_fits_the_window_and_asks_for_nothing(chromium, files, lang, window):  # noqa: F811
    """Nothing sticks out but what stands in frames that scroll; letters are large enough; the only request is for the file itself."""
    with opened(chromium, window) as (page, asked):
        page.goto(address(files[lang]))
        smallest = page.evaluate("() => Math.min(...[...document.querySelectorAll('body *')].filter(e => !e.closest('svg') && e.textContent.trim()).map(e => parseFloat(getComputedStyle(e).fontSize)))")
        page_width, drawing = page.evaluate("() => [document.documentElement.scrollWidth, document.querySelector('figure svg').getBoundingClientRect().width]")

        assert page.evaluate(OVERFLOWING) == []
        assert page_width <= window["width"]
        assert drawing >= 640
        assert smallest >= 16
    assert asked == [address(files[lang])]


def test_what_is_folded_opens_without_any_script(chromium, files):  # noqa: F811
    """The measures are there for who asks, with scripts switched off, too."""
    with opened(chromium, java_script_enabled=False) as (page, _):
        page.goto(address(files["en"]))
        table = page.locator("#measures details table")

        assert not table.is_visible()
        page.locator("#measures summary").click()
        assert table.is_visible()


def test_contents_lead_to_their_sections(chromium, files):  # noqa: F811
    with opened(chromium, PHONE) as (page, _):
        page.goto(address(files["zh"]))
        page.get_by_role("link", name="出处").click()

        assert page.locator("#provenance h2").bounding_box()["y"] < PHONE["height"]


def test_overflow_is_seen(chromium):  # noqa: F811
    """The control: something too wide outside of a frame is found, in a frame it is not."""
    with opened(chromium, PHONE) as (page, _):
        page.set_content('<div style="width:900px">x</div><div class="frame"><div style="width:900px">y</div></div>')

        assert page.evaluate(OVERFLOWING) == ["DIV.: x"]


def test_it_prints(chromium, files, tmp_path):  # noqa: F811
    """On A4, with what is folded on the screen, and nothing cut off at the right."""
    with opened(chromium) as (page, _):
        page.goto(address(files["zh"]))
        page.pdf(path=tmp_path / "report.pdf", format="A4")
        page.set_viewport_size({"width": 680, "height": 960})  # what A4 leaves within its margins
        page.emulate_media(media="print")

        assert page.locator("#measures details table").bounding_box()["height"] > 100
        assert page.evaluate("() => document.documentElement.scrollWidth") <= 680
        assert [wide for wide in page.evaluate(OVERFLOWING.replace(", .frame", "")) if not wide.startswith("THEAD")] == []
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")


def test_a_screenshot_shows_chinese(chromium, files):  # noqa: F811
    """Characters of the title have ink of different glyphs, not boxes that are all alike; so have Latin letters and digits."""
    with opened(chromium) as (page, _):
        page.goto(address(files["zh"]))

        assert page.evaluate(DISTINCT, "办结率aA1：")


def test_its_policy_stops_what_would_be_loaded_or_run(chromium, files, tmp_path):  # noqa: F811
    """The second lock: even a script, a picture of elsewhere or a form that somebody smuggled into the file does nothing."""
    smuggled = '<script>document.title="taken"</script><img src="https://evil.example/x.png" onerror="document.title=1"><iframe src="https://evil.example"></iframe>'
    (tmp_path / "report.html").write_text(files["en"].read_text(encoding="utf-8").replace("<main>", f"<main>{smuggled}"), encoding="utf-8")
    with opened(chromium) as (page, asked):
        failed = {}
        page.on("requestfailed", lambda request: failed.update({request.url: request.failure}))
        page.goto(address(tmp_path / "report.html"))
        page.wait_for_timeout(300)

        assert page.title() == "A small street"
    assert {failed.get(url) for url in asked if "evil" in url} <= {"csp"}
