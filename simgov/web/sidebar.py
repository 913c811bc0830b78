"""The side of the page: language, place, upload, levers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from simgov.language import say
from simgov.scenario import Scenario
from simgov.web import kept, server
from simgov.web.asking import MOST_REPLICATIONS
from simgov.web.choices import one_of
from simgov.web.guard import heard
from simgov.web.jobs import UPLOADS
from simgov.web.levers import KINDS, Lever, levers
from simgov.web.places import Place, uploaded
from simgov.web.plain import lines, plain
from simgov.web.server import LARGEST_UPLOAD

SLIDER = 200  # a longer range is typed
REPLICATIONS, SEED = 30, 1
OFFERED = (3, 10, 30, 100, 300, MOST_REPLICATIONS)
MOVED = "moved"  # in the address: levers that do not stand as in the file or the run that it names


def language() -> str:
    """The language of the page: chosen on it, kept in its address, at first that of the server."""
    known = {"en": "English", "zh": say("Chinese", "zh")}
    first = st.query_params.get("lang", "")
    st.session_state["lang"] = st.session_state.get("lang") or (first if first in known else server.now().lang)  # each time, as in `kept`
    with st.sidebar:
        lang = one_of(st.segmented_control, "English / " + known["zh"], known, "lang", required=True, label_visibility="collapsed")
    st.query_params["lang"] = lang
    return lang


def choose(place: Place, lang: str, is_new: bool) -> tuple[list[Lever], dict[str, Any], int, int]:
    """The levers of the place and where they stand, replications and seed."""
    slot = st.sidebar.empty()
    if is_new:
        slot.caption("")  # the levers of the place before go at once
    found = _levers(str(place.path), _changed(place), place)
    with slot.container():
        values = {lever.key: value for lever, value in _stand(found, place, lang)}
        with st.expander(say("Replications and seed", lang)):
            replications, seed = _how_often(place, lang)
        if any(values[lever.key] != lever.default for lever in found):
            st.button(say("Put all levers back", lang), on_click=_put_back, args=(found, place), width="stretch")
    _tell_address(found, values, place)
    return found, values, int(replications), int(seed)


def standing(place: Place, values: Mapping[str, Any], replications: int, seed: int, lang: str) -> tuple[dict[str, Any], int, int]:
    """What `choose` gave, as it stands when somebody presses Run: a lever may have been touched just before."""
    levers_now = {key: kept.now(f"lever|{place.path}|{key}", value, lang) for key, value in values.items()}
    return levers_now, int(kept.now(f"replications|{place.path}", replications, lang)), int(kept.now(f"seed|{place.path}", seed, lang))


def _how_often(place: Place, lang: str) -> tuple[int, int]:
    first = _first(place, "replications", REPLICATIONS)
    offered = sorted({*OFFERED, first})
    words = say("Replications: how often the period is simulated", lang)
    replications = kept.drawn(f"replications|{place.path}", first, lang, lambda key: one_of(st.selectbox, words, {n: f"{n:,}" for n in offered}, key))
    words = say("Seed: runs with one seed meet the same incidents", lang)
    return replications, kept.drawn(f"seed|{place.path}", _first(place, "seed", SEED), lang, lambda key: st.number_input(words, 0, 2**31 - 1, key=key))


# ── place ───────────────────────────────────────────────────────────────────────────────────────────


def place(session: str, lang: str) -> Place:
    """The place that is chosen, or was uploaded."""
    with st.sidebar:
        return _place(session, lang)


def _place(session: str, lang: str) -> Place:
    own: list[Place] = st.session_state.setdefault("uploads", [])
    known = {str(place.path): place for place in (*server.now().places, *own)}
    if (job := _job()) is not None and job.file not in known and Path(job.file).is_file():  # loaded again: the upload is still there
        again = job.place
        own.append(again)
        known[job.file] = again
    if st.session_state.get("place") not in known:
        kept.put("place", job.file if job is not None and job.file in known else _first_place(known))
    path = kept.drawn("place", "", lang, lambda key: one_of(st.selectbox, say("Place", lang), {path: _shown(place, lang) for path, place in known.items()}, key, lambda path: known[path].name))
    st.query_params["place"] = known[path].name
    with st.expander(say("Upload a scenario", lang)):
        st.html(f"<style>[data-testid=stFileUploaderDropzone] button::after {{content: '{say('Choose a file', lang)}'}}</style>")
        st.file_uploader(
            say("A YAML file of at most {mb} MB that stands on its own (tables of nodes and files that it extends stay on the command line)", lang).format(mb=LARGEST_UPLOAD),
            type=["yaml", "yml"], key="upload", on_change=_upload, args=(session, lang), max_upload_size=LARGEST_UPLOAD,
        )  # fmt: skip
        if trouble := st.session_state.get("upload_trouble"):
            st.error(lines(trouble))
    return known[path]


def _shown(place: Place, lang: str) -> str:
    return say("{title} (uploaded)", lang).format(title=place.say(lang)) if place.is_upload else place.say(lang)


def _first_place(known: dict[str, Place]) -> str:
    """The place that the address names; else the first one."""
    return next((path for path, place in known.items() if place.name == st.query_params.get("place")), next(iter(known)))


@heard("upload_trouble")
def _upload(session: str, lang: str) -> None:
    """Take in a file, or say what is wrong with it."""
    file = st.session_state.get("upload")
    if file is None:
        return
    place = uploaded(server.now().jobs.folder / UPLOADS, file.name, file.getvalue())
    own = st.session_state.setdefault("uploads", [])
    own[:] = [*(other for other in own if other.path != place.path), place]
    kept.put("place", str(place.path))


# ── levers ──────────────────────────────────────────────────────────────────────────────────────────


@st.cache_resource(max_entries=50, show_spinner=False)
def _levers(path: str, changed: int, _place: Place) -> list[Lever]:
    return levers(_scenario(path, changed, _place))


@st.cache_resource(max_entries=50, show_spinner=False)
def _scenario(path: str, changed: int, _place: Place) -> Scenario:
    return _place.load()


def scenario(place: Place) -> Scenario:
    """As its file has it; read once. Raises ScenarioError."""
    return _scenario(str(place.path), _changed(place), place)


def _changed(place: Place) -> int:
    """When a file was changed: another version is read anew."""
    try:
        return place.path.stat().st_mtime_ns
    except OSError:
        return 0


def _job() -> Any:
    return server.now().jobs.request(st.query_params.get("job", ""))


def _first(place: Place, what: str, otherwise: int) -> int:
    """Of the run that the address names, so that a page that is loaded again is as it was."""
    job = _job()
    return getattr(job, what) if job is not None and job.file == str(place.path) else otherwise


def _key(lever: Lever, place: Place) -> str:
    return f"lever|{place.path}|{lever.key}"


def _stand(found: list[Lever], place: Place, lang: str) -> Any:
    """Draw the levers kind by kind; each with its value."""
    before = _before(place)
    for kind, words in KINDS.items():
        mine = [lever for lever in found if lever.kind == kind]
        if mine:
            with st.expander(say(words, lang), expanded=kind == "variant"):
                for lever in mine:
                    name = _key(lever, place)
                    if (stands := st.session_state.get(name, before.get(lever.key, lever.default))) != (sound := _sound(lever, stands)):
                        kept.put(name, sound)  # the file was changed, or somebody wrote the address
                    yield lever, kept.drawn(name, sound, lang, lambda key, lever=lever: _draw(lever, key, lang))
                    st.caption(plain(lever.about[lang]))


def _sound(lever: Lever, value: Any) -> Any:
    """The value, if it can still be chosen."""
    try:
        lever.chosen(value)
    except (KeyError, ValueError, TypeError):
        return lever.default
    return value


def _draw(lever: Lever, key: str, lang: str) -> Any:
    if lever.choices:
        return one_of(st.radio if lever.kind == "variant" else st.selectbox, lever.label[lang], lever.told(lang), key)
    label = plain(lever.label[lang])
    limits = {"min_value": type(lever.default)(lever.low), "max_value": type(lever.default)(lever.high), "step": type(lever.default)(lever.step)}
    return st.slider(label, key=key, **limits) if (lever.high - lever.low) / lever.step <= SLIDER else st.number_input(label, key=key, **limits)


@heard()
def _put_back(found: list[Lever], place: Place) -> None:
    for lever in found:
        kept.put(_key(lever, place), lever.default)


# ── a page that is loaded again ─────────────────────────────────────────────────────────────────────


def _before(place: Place) -> Mapping[str, Any]:
    """Where levers stood when the page was loaded: as its address says, or the run that it names."""
    try:
        said = json.loads(st.query_params[MOVED]) if "loaded" not in st.session_state else None
    except (KeyError, ValueError, RecursionError):
        said = None
    st.session_state["loaded"] = True
    return said if isinstance(said, dict) else _of_job(place)


def _of_job(place: Place) -> Mapping[str, Any]:
    job = _job()
    return job.values if job is not None and job.file == str(place.path) else {}


def _tell_address(found: list[Lever], values: Mapping[str, Any], place: Place) -> None:
    """What was moved and not run stands in the address, so that a page that is loaded again is as it was."""
    told = {lever.key: values[lever.key] for lever in found if values[lever.key] != lever.default}
    if told != _of_job(place):
        st.query_params[MOVED] = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    elif MOVED in st.query_params:
        del st.query_params[MOVED]
