"""The page: place and levers at the side, the answer on top, pictures below."""

from __future__ import annotations

import secrets

import streamlit as st

from simgov.errors import SimgovError
from simgov.language import message, say
from simgov.scenario import Scenario
from simgov.web import kept, letters, results, server, sidebar, views
from simgov.web.asking import asked, last_done
from simgov.web.choices import one_of
from simgov.web.guard import PROBLEM, heard, stands
from simgov.web.jobs import NUMBER
from simgov.web.levers import Lever, moved
from simgov.web.places import Place
from simgov.web.plain import lines, plain

RESULT, PLACE, RUNS = "result", "place", "runs"
VIEWS = {RESULT: message("Result"), PLACE: message("The place"), RUNS: message("Runs of this page")}
STYLE = """<style>
[data-testid="stMainBlockContainer"] {padding-top: 3rem; max-width: 75rem}
[data-testid="stMarkdownContainer"] table {font-size: 0.9rem; font-variant-numeric: tabular-nums}
[data-testid="stMarkdownContainer"] td {vertical-align: top}
[data-testid="stMarkdownContainer"] td[style*="right"] {white-space: nowrap}
[data-testid="stMarkdownContainer"] :is(th, td):first-child {min-width: 8rem}
[data-testid="stMarkdownContainer"] th {vertical-align: bottom; word-break: keep-all}
[data-testid="stMarkdownContainer"] th[style*="right"] {max-width: 9rem}
[data-testid="InputInstructions"], [data-testid="stFileUploaderDropzoneInstructions"] {display: none}
[data-testid="stFileUploaderDropzone"] button > * {display: none}
[data-testid="stMarkdownContainer"] h4 {font-size: 1.2rem; line-height: 1.55; font-weight: 600; padding: 0 0 0.4rem}
@media (max-width: 640px) {
  [data-testid="stMainBlockContainer"] {padding: 3.5rem 1rem 2rem}
  [data-testid="stMarkdownContainer"] table {display: block; overflow-x: auto; font-size: 0.85rem}
  h1 {font-size: 1.7rem !important}
}
</style>"""


@stands
def show() -> None:
    """Draw the page."""
    st.set_page_config(page_title="simgov", layout="wide")
    st.html(STYLE)
    letters.bring()
    session = _session()
    lang = sidebar.language()
    body = st.empty()
    place = sidebar.place(session, lang)
    if is_new := st.session_state.get("shown") != str(place.path):
        body.info(say("Reading {place} …", lang).format(place=plain(place.say(lang))))  # in place of all that stood there
    try:
        levers, values, replications, seed = sidebar.choose(place, lang, is_new)
        scenario = sidebar.scenario(place)
    except SimgovError:
        body.empty()
        raise
    with body.container():
        _body(place, scenario, levers, values, replications, seed, session, lang)
    st.session_state["shown"] = str(place.path)


def _body(place: Place, scenario: Scenario, levers: list[Lever], values: dict, replications: int, seed: int, session: str, lang: str) -> None:
    st.title(plain(place.say(lang)), anchor=False)
    if description := scenario.description.say(lang):
        st.caption(plain(description))
    base = last_done(server.now().jobs, session, place)
    _ask(place, levers, values, replications, seed, session, lang, base)
    _moved(levers, values, lang)
    if problem := st.session_state.get(PROBLEM):
        st.error(lines(problem))
    first = RESULT if st.query_params.get("job") else PLACE
    view = kept.drawn("view", first, lang, lambda key: one_of(
        st.segmented_control, say("Show", lang), {name: say(words, lang) for name, words in VIEWS.items()}, key, required=True, label_visibility="collapsed"))  # fmt: skip
    if view == RESULT:
        results.show(st.query_params.get("job", ""), lang)
    elif view == PLACE:
        views.place(place, scenario, levers, values, lang)
    elif view == RUNS:
        views.runs(session, lang)


def _session() -> str:
    """Whose page this is: a number in its address, so that a page that is loaded again finds its runs, and two pages do not share theirs."""
    session = st.query_params.get("session", "")
    if not NUMBER.fullmatch(session):
        session = secrets.token_hex(8)
        st.query_params["session"] = session
    return session


def _ask(place: Place, levers: list[Lever], values: dict, replications: int, seed: int, session: str, lang: str, base: str) -> None:
    left, right = st.columns([1, 3], vertical_alignment="center")
    with right:
        pair = bool(base) and kept.drawn("pair", True, lang, lambda key: st.toggle(say("Compare with the run before, under the same incidents", lang), key=key))
    with left:
        st.button(say("Run", lang), type="primary", width="stretch", key="run", on_click=_submit, args=(place, levers, values, replications, seed, session, lang, base if pair else ""))


@heard()
def _submit(place: Place, levers: list[Lever], values: dict, replications: int, seed: int, session: str, lang: str, base: str) -> None:
    """Begin a run; the page shows it from now on."""
    values, replications, seed = sidebar.standing(place, values, replications, seed, lang)
    st.query_params["job"] = server.now().jobs.submit(asked(place, levers, values, replications, seed, session, lang, base))
    kept.put("view", RESULT)


def _moved(levers: list[Lever], values: dict, lang: str) -> None:
    told = moved(levers, values).told[lang]
    words = say("Moved: {levers}", lang).format(levers="; ".join(told)) if told else say("All levers stand as in the file. Move them at the side, then run again and compare.", lang)
    st.caption(plain(words))


