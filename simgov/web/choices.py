"""One of several things to be chosen, on the page. Streamlit tells choices apart by their words alone, so no two may read the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from simgov.web.distinct import distinct
from simgov.web.plain import plain


def one_of(widget: Callable[..., Any], words: str, labels: Mapping[Any, str], key: str, named: Callable[[Any], str] = str, **more: Any) -> Any:
    """The thing that is chosen of those with these labels, in a widget of streamlit's."""
    show = str if widget == st.selectbox else plain  # the others read Markdown
    told = {thing: show(label) for thing, label in distinct(labels, named).items()}
    return widget(plain(words), list(told), format_func=lambda thing: told.get(thing, ""), key=key, **more)
