"""The letters of the page: the Chinese font that comes with simgov is served whole, for machines that have none."""

from __future__ import annotations

import streamlit as st
from streamlit.components.v1 import declare_component

from simgov.plots.fonts import chinese

# Streamlit serves a folder to the page for a component, which is the one way that does not ask for a copy of the font beside the script.
# The font is added when it is there: without any font of its own Chromium gives up on a family that it meets while that is being loaded.
SCRIPT = """<script>
[...document.fonts].some(face => face.family === "simgov") ||
  new FontFace("simgov", "url(component/{folder}/{file})").load().then(face => document.fonts.add(face))
</script>"""


def bring() -> None:
    """Let the page know the family `simgov`."""
    folder = declare_component("fonts", path=chinese().parent)
    st.html(SCRIPT.format(folder=folder.name, file=chinese().name), unsafe_allow_javascript=True)
