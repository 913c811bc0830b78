"""A run on the page: while it goes on, when it has ended, and against the run before."""

from __future__ import annotations

import json
from pathlib import Path
from threading import Thread
from typing import Any

import streamlit as st

from simgov.language import LANGUAGES, say
from simgov.web import server
from simgov.web.guard import heard, stands
from simgov.web.jobs import CANCELLED, DONE, QUEUED, Progress, Request
from simgov.web.markdown import table
from simgov.web.plain import lines, plain
from simgov.web.written import file_name
from simgov.words import duration

LOOK = 0.4  # seconds between two looks at a run
LATER = ("shown.{}.json", "compared.{}.json", "pictures.{}.json", "report.{}.html")
MIME = {"yaml": "application/yaml", "html": "text/html", "csv": "text/csv"}


def show(number: str, lang: str) -> None:
    """The run of this number: as far as it is."""
    if not number:
        st.info(say("Nothing has been run on this page yet: choose a place, move levers if you like, and press Run.", lang))
        return
    jobs = server.now().jobs
    progress, request = jobs.progress(number), jobs.request(number)
    if progress is None or request is None:
        st.warning(say("There is no run of this number: it was removed, or the address is not whole.", lang))
        return
    if not progress.has_ended:
        st.fragment(_under_way, run_every=LOOK)(number, request, lang)
    elif progress.state != DONE:
        words = say(progress.why, lang).format(**{name: value[lang] if isinstance(value, dict) else value for name, value in progress.values.items()})
        (st.warning if progress.state == CANCELLED else st.error)(lines(words))
        _about(request, lang)
    else:
        is_busy, there = jobs.is_busy(number), _there(number, lang)  # before it is drawn: what comes in the meantime is drawn the next time
        _done(number, request, lang)
        if is_busy:
            st.fragment(_more, run_every=2 * LOOK)(number, lang, there)


def _about(request: Request, lang: str) -> None:
    """Which run this is."""
    told = request.told.get(lang) or [say("as in the file", lang)]
    st.caption(plain(f"{request.title.get(lang, '')} · {'; '.join(told)}"))


# ── while it goes on ────────────────────────────────────────────────────────────────────────────────


@stands
def _under_way(number: str, request: Request, lang: str) -> None:
    jobs = server.now().jobs
    progress = jobs.progress(number)
    if progress is None or progress.has_ended:
        st.rerun()
    is_cancelled = st.session_state.get("cancelled") == number
    left, right = st.columns([4, 1], vertical_alignment="bottom")
    with left:
        st.progress(progress.share, text=plain(say("Cancelling …", lang) if is_cancelled else _told(progress, jobs.before(number), lang)))
    with right:
        st.button(say("Cancel", lang), key=f"cancel|{number}", on_click=_cancel, args=(number,), disabled=is_cancelled, width="stretch")
    _about(request, lang)
    place = jobs.place(number)
    if (picture := place / f"preview.{request.lang}.png").exists():
        _picture(picture, say("The first replications; all {n} are on their way.", lang).format(n=request.replications))


@heard()
def _cancel(number: str) -> None:
    """Its process may take seconds to end: the page says at once that it is asked to."""
    st.session_state["cancelled"] = number
    Thread(target=server.now().jobs.cancel, args=(number,), daemon=True).start()


def _told(progress: Progress, before: int, lang: str) -> str:
    if progress.state == QUEUED:
        return say("Waiting for a free core: {n} runs are in front of this one.", lang).format(n=before) if before else say("Starting …", lang)
    text = say("{done} of {of} replications", lang).format(done=progress.done, of=progress.of)
    if 0.02 < progress.share < 1:
        left = max(progress.seconds * (1 - progress.share) / progress.share, 1)
        text += " · " + say("about {time} left", lang).format(time=duration(round(left), lang))
    return text + (f" · {say(progress.doing, lang)}" if progress.doing else "")


# ── when it has ended ───────────────────────────────────────────────────────────────────────────────


def _there(number: str, lang: str) -> list[bool]:
    """Of what comes after the first picture, what is there."""
    place = server.now().jobs.place(number)
    return [(place / name.format(lang)).exists() for name in LATER]


@stands
def _more(number: str, lang: str, there: list[bool]) -> None:
    """Draw the page anew when more has come."""
    if not server.now().jobs.is_busy(number) or _there(number, lang) != there:
        st.rerun()


def _done(number: str, request: Request, lang: str) -> None:
    jobs = server.now().jobs
    place, is_busy = jobs.place(number), jobs.is_busy(number)
    told = _read(place / f"shown.{lang}.json")
    if told is None and not is_busy:  # its process ended before it came to this language
        told, lang = next(((found, other) for other in LANGUAGES if (found := _read(place / f"shown.{other}.json")) is not None), (None, lang))
    if told is None:
        st.info(say("The words and pictures of this language are being made …", lang)) if is_busy else st.error(say("What this run found cannot be read; run it again.", lang))
        return
    _about(request, lang)
    for sentence in told["answer"]:
        st.markdown(f"#### {plain(sentence)}")
    st.caption(plain(" · ".join(told["about"])))
    _downloads(place, _short(number), request, lang, is_busy)
    if request.base:
        _compared(place, _short(number), request, lang, is_busy)
    _table_of(told["targets"], lang, told["judged"])
    _pictures(place, lang, is_busy)
    _table_of(told["measures"], lang)
    if told["mind"]:
        with st.expander(say("Warnings", lang)):
            st.markdown("\n".join(f"- {plain(text)}" for text in told["mind"]))


def _pictures(place: Path, lang: str, is_busy: bool) -> None:
    """All that are drawn; at first there is one."""
    drawn = _read(place / f"pictures.{lang}.json")
    for picture in drawn or []:
        st.subheader(plain(picture["title"]), anchor=False)
        _picture(place / f"{picture['name']}.{lang}.svg", picture["see"])
    if drawn and (missing := place / f"missing.{lang}.txt").exists():
        st.caption(plain(missing.read_text(encoding="utf-8")))
    if drawn is None and (first := place / f"closure.{lang}.png").exists():
        _picture(first, "")
    if drawn is None and is_busy:
        st.caption(plain(say("The other pictures are being drawn …", lang)))


def _table_of(tables: list[dict[str, Any]], lang: str, words: str = "") -> None:
    for each in tables:
        with st.expander(plain(each["title"]), expanded=bool(words)):
            if words:
                st.markdown(plain(words))
            st.markdown(table(each["head"], each["rows"], each["words"]))
            if each["note"]:
                st.caption(plain(each["note"]))


def _compared(place: Path, number: str, request: Request, lang: str, is_busy: bool) -> None:
    st.subheader(say("Compared with the run before", lang), anchor=False)
    found = _read(place / f"compared.{lang}.json")
    if found is None:
        st.caption(say("Being compared …", lang) if is_busy else say("The comparison is not there; run it again.", lang))
        return
    if "why" in found:
        st.info(lines(found["why"]))
        return
    before = "; ".join(found["before"]) or say("as in the file", lang)
    st.markdown(lines(found["answer"]))
    each = found["table"]
    if each["rows"]:
        st.markdown(table(each["head"], each["rows"]))
    st.caption(plain(say("Run before: {before}. This run: {now}. {n} replications of both, each with the same incidents.", lang).format(
        before=before, now="; ".join(request.told.get(lang) or [say("as in the file", lang)]), n=found["replications"]
    )))  # fmt: skip
    if (picture := place / f"compared.{lang}.png").exists():
        _picture(picture, say("Differences to the run before with their 95 % intervals", lang))
    _buttons([
        (place / f"comparison.{lang}.html", f"{number}-comparison.{lang}.html", say("Report of the comparison (HTML)", lang)),
        (place / f"study.{lang}.yaml", "runs.yaml", say("Study of both runs (YAML)", lang)),
    ], lang, is_busy)  # fmt: skip


def _picture(file: Path, see: str) -> None:
    if see:
        st.markdown(plain(see))
    st.image(str(file), width="stretch", alt=see)


def _short(number: str) -> str:
    """Of a run, in the names of its files."""
    return f"simgov-{number[:6]}"


def _downloads(place: Path, number: str, request: Request, lang: str, is_busy: bool) -> None:
    files = [
        (place / f"scenario.{lang}.yaml", file_name(request.place), say("Scenario (YAML)", lang)),
        (place / f"report.{lang}.html", f"{number}-report.{lang}.html", say("Report of this run (HTML)", lang) if request.base else say("Report (HTML)", lang)),
        (place / f"measures.{lang}.csv", f"{number}-measures.{lang}.csv", say("Measures (CSV)", lang)),
    ]
    _buttons(files, lang, is_busy)


def _buttons(files: list[tuple[Path, str, str]], lang: str, is_busy: bool) -> None:
    """One for each file, under the name that it gets; those that are not written yet say so."""
    for column, (file, name, label) in zip(st.columns(len(files)), files, strict=True):
        ready = file.exists()
        column.download_button(
            label if ready or not is_busy else say("{file}: being written …", lang).format(file=label), file.read_bytes() if ready else b"", name, MIME[file.suffix[1:]],
            key=f"download|{file.name}|{ready}", disabled=not ready, on_click="ignore", width="stretch",
        )  # fmt: skip


def _read(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
