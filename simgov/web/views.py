"""The other views of the page: the place as simgov understands it, and the runs of the session."""

from __future__ import annotations

import time
from typing import Any

import streamlit as st

from simgov.errors import ScenarioError
from simgov.language import message, say
from simgov.scenario import Scenario
from simgov.web import kept, server
from simgov.web.guard import heard
from simgov.web.jobs import CANCELLED, DIED, DONE, FAILED, QUEUED, RUNNING
from simgov.web.levers import Lever, moved
from simgov.web.markdown import table
from simgov.web.overview import overview
from simgov.web.places import Place
from simgov.web.plain import lines, plain
from simgov.web.written import file_name, written

STATES = {QUEUED: message("waiting"), RUNNING: message("running"), DONE: message("done"), FAILED: message("failed"), CANCELLED: message("cancelled"), DIED: message("ended from outside")}


def place(place: Place, as_in_file: Scenario, levers: list[Lever], values: dict[str, Any], lang: str) -> None:
    """What `explain` says with the levers where they stand, and the file."""
    said = moved(levers, values)
    try:
        scenario = place.load(said.settings, said.changes) if said.settings or said.changes else as_in_file
    except ScenarioError as error:
        st.error(lines(error.say(lang)))
        return
    with st.spinner(say("Reading {place} …", lang).format(place=place.say(lang))):
        sections = overview(scenario, lang)
    for number, section in enumerate(sections):
        if number:  # the first one is the title, which the page has
            st.subheader(plain(section.title), anchor=False)
            if section.note:
                st.caption(plain(section.note))
        if section.rows:
            st.markdown(table(section.columns, section.rows, _words(section.rows)))
        if number and section.lines:
            st.markdown("\n".join(f"- {plain(line)}" for line in section.lines))
    with st.expander(say("The scenario file, with the levers where they stand", lang)):
        text = written(place, said.settings, said.changes, lang)
        st.download_button(say("Download", lang), text, file_name(place), "application/yaml", on_click="ignore")
        st.code(text, language="yaml")


def _words(rows: list[list[str]]) -> list[int]:
    """The first column, and those that hold no numbers."""
    return [k for k, column in enumerate(zip(*rows, strict=True)) if not k or not all(cell[:1].isdigit() or not cell for cell in column)]


def runs(session: str, lang: str) -> None:
    """The runs that this page has asked for, the newest first."""
    jobs = server.now().jobs
    mine = jobs.of(session)
    if not mine:
        st.info(say("Nothing has been run on this page yet: choose a place, move levers if you like, and press Run.", lang))
    for number, request in mine:
        progress = jobs.progress(number)
        left, right = st.columns([5, 1], vertical_alignment="center")
        told = "; ".join(request.told.get(lang) or [say("as in the file", lang)])
        asked = time.strftime("%m-%d %H:%M:%S", time.localtime(request.asked))
        words = say("{n} replications, seed {seed}", lang).format(n=request.replications, seed=request.seed)
        left.markdown(f"**{plain(request.title.get(lang, ''))}** · {plain(say(STATES[progress.state], lang) if progress else '')}  \n{plain(told)}  \n:gray[{plain(asked)} · {plain(words)}]")
        right.button(say("Show", lang), key=f"show|{number}", on_click=_open, args=(number,), width="stretch")


@heard()
def _open(number: str) -> None:
    st.query_params["job"] = number
    kept.put("view", "result")
