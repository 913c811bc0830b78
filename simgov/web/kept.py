"""Where widgets stand, kept apart from the widgets themselves.

To streamlit a widget whose words change is another one: in the other language it would stand at its first choice. So each language has a widget
of its own, and what stands there is kept under a name without a language. Where it stands is told the page each time: what was told only once is
lost when another run of the page begins before it was sent, and the page would show, and send back, the first choice.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from simgov.language import LANGUAGES


def drawn(name: str, first: Any, lang: str, draw: Callable[[str], Any]) -> Any:
    """Where the widget stands that `draw` makes with the key it is given; at first at `first`."""
    st.session_state.setdefault(name, first)
    key, drawn_in = _key(name, lang), f"language of {name}"
    is_touched = key in st.session_state and st.session_state.get(drawn_in) == lang
    st.session_state[key] = st.session_state[key if is_touched else name]
    st.session_state[drawn_in] = lang
    st.session_state[name] = draw(key)
    return st.session_state[name]


def now(name: str, otherwise: Any, lang: str) -> Any:
    """Where it stands at this moment: what was touched while the page was being drawn is not kept yet."""
    return st.session_state.get(_key(name, lang), otherwise)


def put(name: str, value: Any) -> None:
    """Let it stand there from now on, in both languages; before it is drawn."""
    st.session_state[name] = value
    for lang in LANGUAGES:
        if (key := _key(name, lang)) in st.session_state:
            st.session_state[key] = value


def _key(name: str, lang: str) -> str:
    return f"{lang}|{name}"
