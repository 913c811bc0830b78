"""Whatever goes wrong on the page is told in a sentence, and in full on the terminal of the server; the page stands."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from functools import wraps
from typing import Any

import streamlit as st

from simgov.errors import SimgovError
from simgov.language import message, say
from simgov.web import server
from simgov.web.plain import lines

UNEXPECTED = message("Something went wrong on this page that simgov did not expect; the terminal of the server says more. Runs are not touched: load the page again.")
PROBLEM = "problem"  # in the state of the page: what the last callback came to


def stands(draw: Callable[..., None]) -> Callable[..., None]:
    """Of the page or a part that is drawn by itself: a mistake stands in its place."""

    @wraps(draw)
    def drawn(*args: Any, **more: Any) -> None:
        try:
            draw(*args, **more)
        except Exception as error:
            st.error(lines(_told(error)))

    return drawn


def heard(place: str = PROBLEM) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Of a callback, which streamlit calls before the page is drawn: a mistake is kept in the state of the page, under `place`, to be shown on it."""

    def guarded(callback: Callable[..., None]) -> Callable[..., None]:
        @wraps(callback)
        def called(*args: Any, **more: Any) -> None:
            st.session_state[place] = ""
            try:
                callback(*args, **more)
            except Exception as error:
                st.session_state[place] = _told(error)

        return called

    return guarded


def language() -> str:
    """Of this page, before it is drawn, too."""
    return st.session_state.get("lang") or server.now().lang


def _told(error: Exception) -> str:
    if isinstance(error, SimgovError):
        return error.say(language())
    traceback.print_exception(error, file=sys.stderr)
    return say(UNEXPECTED, language())
