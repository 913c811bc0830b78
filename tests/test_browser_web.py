"""The web app in a real browser: somebody runs, waits, reads, cancels, comes back, compares and uploads; and nothing leaves this machine.

`make_screens(folder)` makes the screenshots of the docs with the same code: `python tests/test_browser_web.py docs/figures`.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import psutil
import pytest
import street
from browser import PHONE, chromium, launched, opened  # noqa: F401

from simgov.web.plain import FOUND_LATER, WORD_JOINER

ROOT = Path(__file__).parents[1]
RUN, CANCEL = re.compile("^(Run|运行)$"), re.compile("^(Cancel|取消)$")
PICTURE = "[data-testid=stImage] img"
WAIT = 240_000  # milliseconds; on a machine that is busy everything takes long
LONG = {"residents: 1000": "residents: 3000000"}
HOSTILE = (':red[a] $x^2$ **b** <img src=x onerror=document.title="taken">', "[c](javascript:alert(1)) :smile: https://evil.example | `d`")


@contextmanager
def served(folder, *scenarios, lang="en"):
    """A real `simgov serve` on a port of its own: its address and process. When it is asked to end, nothing is left of it."""
    command = [sys.executable, "-c", "from simgov.cli import main; main()", "serve", *map(str, scenarios), "--folder", str(folder / "jobs"), "--lang", lang, "--port", str(free())]
    with (folder / "serve.txt").open("w") as told:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=told, text=True, cwd=ROOT)
    try:
        address = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())[0]
        process.stdout.close()  # whoever started it may have gone: it must end all the same
        yield address, psutil.Process(process.pid)
    finally:
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGINT)
        process.wait(timeout=80)
        _, alive = psutil.wait_procs(children, timeout=20)
    assert (process.returncode, alive) == (0, [])
    assert "Traceback" not in (folder / "serve.txt").read_text()


def free():
    from socket import socket

    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def server(tmp_path_factory, chromium):  # noqa: F811
    """One server for all tests, with Dongxing, the small street, and one that takes a minute."""
    folder = tmp_path_factory.mktemp("web")
    path = street.write(folder)
    text = path.read_text(encoding="utf-8")
    for old, new in LONG.items():
        assert old in text
        (folder / "long.yaml").write_text(text.replace(old, new).replace("A small street", "A long street").replace("小街", "长街"), encoding="utf-8")
    if find_spec("numba"):  # compiling takes as long as it takes, and is not what anybody waits for here
        subprocess.run([sys.executable, "-c", "from simgov.engines.compiled import warm_up; warm_up()"], cwd=ROOT, check=True)
    with served(folder, ROOT / "scenarios/dongxing.yaml", path, folder / "long.yaml") as (address, process):
        yield address, process, folder


@pytest.fixture
def page(server, chromium):  # noqa: F811
    """A page on a desktop; it asks nobody but the server."""
    with opened(chromium) as (page, asked):
        page.set_default_timeout(WAIT)
        yield page
        assert strangers(asked, server[0]) == []


def strangers(asked, address):
    """What was asked for elsewhere."""
    return [url for url in asked if not url.startswith((address, "data:", "blob:"))]


def go(page, address, **query):
    """Open the page, when the server is there."""
    end = time.monotonic() + 120
    while True:
        try:
            page.goto(f"{address}/?{'&'.join(f'{k}={v}' for k, v in query.items())}")
            break
        except Exception:
            assert time.monotonic() < end
            time.sleep(0.1)
    page.get_by_role("button", name=RUN).wait_for()
    calm(page)


def calm(page):
    """Until the page has done what it was doing."""
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()


def press(page, name):
    page.get_by_role("button", name=name).click()


def job(page):
    """The number of the run in the address."""
    return parse_qs(urlparse(page.url).query).get("job", [""])[0]


def begun(page, before=""):
    """Press Run and wait until the address has a new number."""
    press(page, RUN)
    page.wait_for_function("before => (new URLSearchParams(location.search).get('job') || '') !== before", arg=before)
    return job(page)


def answer(page):
    """The two sentences, when they are there."""
    page.locator("h4").nth(1).wait_for()
    return " ".join(page.locator("h4").all_inner_texts())


def finished(page):
    """Until everything is made, report included."""
    page.wait_for_function("""() => {
        const buttons = [...document.querySelectorAll('[data-testid=stDownloadButton] button')]
        return buttons.length > 2 && buttons.every(button => !button.disabled)
    }""")


def process_of(number, server):
    """The process that carries out a run: its log is open in it."""
    (mine,) = [child for child in server.children() if any(number in file.path for file in child.open_files())]
    return mine


def as_shown(text):
    """With the word joiners that keep it from being taken for something else."""
    return FOUND_LATER.sub(WORD_JOINER, text)


# ── one person ──────────────────────────────────────────────────────────────────────────────────────


def test_the_first_picture_does_not_wait_for_the_rest(page, server):
    """A picture of the first replications is made, and stands there, before the others are simulated; how soon, `benchmarks/first_picture.py` measures."""
    go(page, server[0], place="dongxing")
    number = begun(page)
    page.locator(PICTURE).first.wait_for()
    answer(page)

    (first,) = server[2].rglob(f"*{number}*/preview.en.png")
    assert first.stat().st_mtime < (first.parent / "closure.en.png").stat().st_mtime


def test_run_read_and_compare_in_two_languages(page, server):
    """Run, read the answer in English and in Chinese, move a lever, run again: the comparison says what differs.

    A lever stays where it is when the language changes and when the page is loaded again, and that is what runs.
    """
    go(page, server[0], place="street")
    first = begun(page)
    assert re.search(r"Of \d+ incidents collected from 2022-05-02 to the census on 2022-05-16", answer(page))
    page.get_by_text("Reported figures and what comes out").wait_for()

    page.get_by_text("中文", exact=True).click()
    page.get_by_text("小街", exact=True).first.wait_for()
    calm(page)
    assert "2022-05-16" in answer(page)
    assert re.search("[一-鿿]", answer(page))
    page.get_by_text("报道的数字与模拟结果").wait_for()

    page.get_by_text("English", exact=True).click()
    page.get_by_text("A small street", exact=True).first.wait_for()
    page.get_by_text("office hours", exact=True).click()
    moved = page.get_by_text("Moved: hours: open late → office hours")
    moved.wait_for()
    page.get_by_text("中文", exact=True).click()
    page.get_by_text("已调整：hours：延时 → 仅工作时间").wait_for()
    page.get_by_text("English", exact=True).click()
    moved.wait_for()
    page.reload()
    moved.wait_for()
    calm(page)
    begun(page, first)
    page.get_by_text("Compared with the run before").wait_for()
    page.get_by_text("Run before: as in the file. This run: hours: open late → office hours.").wait_for()
    page.get_by_text("difference to the run before", exact=True).wait_for()
    assert page.get_by_role("switch").or_(page.locator("[data-testid=stCheckbox] input")).first.is_checked()  # the next run is compared, too
    finished(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Scenario (YAML)").click()
    assert download.value.suggested_filename == "street_levers.yaml"
    assert "simgov run street_levers.yaml" in download.value.path().read_text(encoding="utf-8")
    assert re.search(r"^apply:\n- .?off.?$", download.value.path().read_text(encoding="utf-8"), re.MULTILINE)
    with page.expect_download() as download:
        page.get_by_role("button", name="Report of this run (HTML)").click()
    assert "<!doctype html>" in download.value.path().read_text(encoding="utf-8").lower()
    with page.expect_download() as download:
        page.get_by_role("button", name="Report of the comparison (HTML)").click()
    assert "Paired differences" in download.value.path().read_text(encoding="utf-8")


def test_another_place_takes_the_place_of_all_that_stood_there(page, server):
    """Choosing a place empties the page before that place is read; in the other language it stays chosen. The first one given is the first one shown."""
    go(page, server[0])
    page.locator("h1", has_text="Dongxing community").wait_for()
    page.get_by_text("Where the numbers come from").wait_for()
    page.get_by_text("中文", exact=True).click()
    page.locator("h1", has_text="东星社区").wait_for()
    page.get_by_role("combobox", name=re.compile("地点")).first.click()
    page.get_by_role("option", name="小街").first.click()
    page.locator("h1", has_text="小街").wait_for()
    calm(page)
    assert page.get_by_text("网格员处置").count() == 0
    page.get_by_text("English", exact=True).click()
    page.locator("h1", has_text="A small street").wait_for()
    calm(page)
    assert page.locator("h1").inner_text() == "A small street"


def test_only_this_machine_is_answered(server):
    """A strange name that was made to lead here, and a page of elsewhere, get no connection."""
    port = urlparse(server[0]).port
    assert shake(port, f"127.0.0.1:{port}", server[0]) == 101
    assert shake(port, f"evil.example:{port}", f"http://evil.example:{port}") == 403
    start = time.monotonic()
    assert shake(port, f"127.0.0.1:{port}", "http://evil.example") == 403
    assert time.monotonic() - start < 0.9  # it asks nobody


def shake(port, host, origin):
    """What the server answers to whoever wants to talk to it."""
    from socket import create_connection

    asks = {"Host": host, "Origin": origin, "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg==", "Sec-WebSocket-Version": "13"}
    with create_connection(("127.0.0.1", port), timeout=40) as line:
        line.sendall("\r\n".join(["GET /_stcore/stream HTTP/1.1", *(f"{name}: {value}" for name, value in asks.items()), "", ""]).encode())
        return int(line.recv(100).split()[1])


def test_touched_and_loaded_again_and_cancelled(page, server):
    """In mid-run a lever is moved and the page is loaded again: the run goes on, and the page finds it; Cancel ends its process."""
    address, process, _ = server
    go(page, address, place="long")
    number = begun(page)
    page.get_by_text(re.compile(r"\d+ of 30 replications")).wait_for()
    mine = process_of(number, process)

    page.get_by_text("Staffing", exact=True).click()
    slider = page.get_by_role("slider").first
    slider.focus()
    slider.press("ArrowRight")
    page.get_by_text("1 → 2").wait_for()
    assert (job(page), mine.is_running()) == (number, True)

    page.reload()
    page.get_by_text(re.compile(r"\d+ of 30 replications")).wait_for()
    assert (job(page), mine.is_running()) == (number, True)

    press(page, CANCEL)
    page.get_by_text("Cancelled.", exact=True).wait_for()
    psutil.wait_procs([mine], timeout=20)
    assert not mine.is_running()


def test_a_killed_run_is_told(page, server):
    """Whoever waits is told, instead of waiting for ever."""
    address, process, _ = server
    go(page, address, place="long")
    number = begun(page)
    page.get_by_text(re.compile(r"\d+ of 30 replications")).wait_for()
    process_of(number, process).kill()

    page.get_by_text(re.compile(r"was ended from outside \(code -9\)")).wait_for()


# ── two people ──────────────────────────────────────────────────────────────────────────────────────


def test_two_pages_do_not_disturb_each_other(server, chromium):  # noqa: F811
    """Each has its own place, runs and list of runs. One that is closed in mid-run finds its run again by its address."""
    with opened(chromium) as (other, _):
        other.set_default_timeout(WAIT)
        with opened(chromium) as (one, _):
            one.set_default_timeout(WAIT)
            for page, place in ((one, "street"), (other, "dongxing")):
                go(page, server[0], place=place)
                begun(page)
            address = one.url
        assert job(other)
        assert "incidents collected from 2022-05-01" in answer(other)
        with opened(chromium) as (one, _):
            one.set_default_timeout(WAIT)
            one.goto(address)
            assert "incidents collected from 2022-05-02" in answer(one)
            for page, title in ((one, "A small street"), (other, "Dongxing community")):
                page.get_by_text("Runs of this page", exact=True).click()
                page.get_by_role("button", name="Show", exact=True).first.wait_for()
                assert page.get_by_role("button", name="Show", exact=True).count() == 1
                assert page.locator("strong", has_text=title).count() == 1


# ── uploads ─────────────────────────────────────────────────────────────────────────────────────────


def upload(page, name, content):
    page.get_by_text("Upload a scenario", exact=True).click()
    page.locator("input[type=file]").set_input_files({"name": name, "mimeType": "application/yaml", "buffer": content})


def test_a_broken_upload(page, server):
    """Its problems with their lines, and no traceback; the page stays where it was."""
    go(page, server[0], place="street")
    upload(page, "town.yaml", b"schema: 1\nteems: {}\n")
    page.get_by_text(as_shown("town.yaml:2: teems: unknown key 'teems'; did you mean 'teams'?")).wait_for()

    page.get_by_text("A small street").first.wait_for()
    assert page.get_by_text("Traceback").count() == 0


def test_hostile_words_of_an_upload(page, server):
    """Title and labels of a scenario are shown as they are, on every view: no script, link, colour, formula or picture comes of them."""
    one, two = (text.replace('"', '\\"') for text in HOSTILE)
    text = street.TEXT.replace("title: {en: A small street, zh: 小街}", f'title: {{en: "{one}", zh: "{two}"}}')
    for label in ("unit leader", "office hours", "handling", "event", "unit"):
        text = text.replace(f"en: {label},", f'en: "{label} {one} {two}",')
    go(page, server[0], place="street")
    upload(page, "town.yaml", text.encode())
    page.locator("h1", has_text=as_shown(HOSTILE[0])).wait_for()
    calm(page)
    page.get_by_text("The place", exact=True).click()  # it is the view already, and stays so
    time.sleep(1)
    calm(page)
    page.locator("td", has_text="unit leader").first.wait_for()
    seen = [foreign(page)]
    begun(page)
    answer(page)
    finished(page)
    seen.append(foreign(page))
    page.get_by_text("Runs of this page", exact=True).click()
    page.get_by_role("button", name="Show", exact=True).first.wait_for()
    seen.append(foreign(page))

    assert seen == [[]] * 3
    assert page.title() == "simgov"


def foreign(page):
    """Elements that only the words of the scenario could have made."""
    return page.evaluate("""() => [...document.querySelectorAll("a[href*='javascript'], a[href*='evil'], img[src='x'], .katex, [data-testid=stMain] code, [data-testid=stMain] script")]
        .filter(e => !e.closest('pre') && !(e.tagName === 'SCRIPT' && e.textContent.includes('new FontFace'))).map(e => e.outerHTML)  // that one brings letters
        .concat([...document.querySelectorAll('span')].filter(e => !e.closest('pre') && (e.textContent === 'a' || e.textContent.includes('\\u{1F604}'))).map(e => e.outerHTML))""")


# ── screenshots ─────────────────────────────────────────────────────────────────────────────────────


def screens(page, address, folder, lang, name):
    """Run, move a lever, run again; a picture of the page with its answer and its comparison."""
    go(page, address, place="dongxing", lang=lang)
    first = begun(page)
    finished(page)
    if page.viewport_size != PHONE:
        page.locator("label", has_text=re.compile("^(office hours only|仅工作时间研判)$")).click()
        begun(page, first)
        page.get_by_text(re.compile("^(Run before: as in the file|上一次运行：与文件一致)")).wait_for()
        finished(page)
    page.mouse.move(0, 0)
    calm(page)
    page.wait_for_timeout(1500)
    page.screenshot(path=folder / f"{name}.png")


def make_screens(folder):
    """Those of the docs, in both languages; those for a phone go elsewhere."""
    with launched() as browser:
        work = Path(folder)
        work.mkdir(parents=True, exist_ok=True)
        scratch = work / ".scratch"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        with served(scratch, ROOT / "scenarios") as (address, _):
            for lang in ("en", "zh"):
                with opened(browser, {"width": 1280, "height": 1500}) as (page, _):
                    page.set_default_timeout(WAIT)
                    screens(page, address, work, lang, f"web_{lang}")
                if os.environ.get("PHONE"):
                    with opened(browser, PHONE) as (page, _):
                        page.set_default_timeout(WAIT)
                        screens(page, address, work, lang, f"phone_{lang}")
        shutil.rmtree(scratch)


def test_on_a_phone(server, chromium):  # noqa: F811
    """Nothing is wider than the window, apart from tables, which scroll by themselves."""
    with opened(chromium, PHONE) as (page, _):
        page.set_default_timeout(WAIT)
        go(page, server[0], place="street", lang="zh")
        begun(page)
        answer(page)

        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        wide = page.evaluate("""() => [...document.querySelectorAll('[data-testid=stMain] *')].filter(e => !e.closest('table') && e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 200))""")
        assert wide == []


if __name__ == "__main__":
    make_screens(sys.argv[1])

