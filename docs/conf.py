"""How the documentation is built: `python -m sphinx -W -b html docs docs/_build` (needs `pip install -e '.[docs]'`).

The reference pages and the notebooks are made anew for every build, from the code and from `notebooks/`.
"""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

project, author, release = "simgov", "the authors of simgov", metadata.version("simgov")
extensions = ["myst_nb", "sphinx.ext.autodoc"]
exclude_patterns = ["_build"]
default_role = "code"
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_default_options = {"exclude-members": "model_config, model_post_init, from_short"}  # how models are read, not what they hold
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
nb_execution_mode = "auto"
nb_execution_timeout = 240
nb_execution_raise_on_error = True
html_theme = "furo"
html_title = f"simgov {release}"
html_show_copyright = False
html_theme_options = {"light_css_variables": {"color-brand-primary": "#2a6f97", "color-brand-content": "#2a6f97"}}


def setup(app: object) -> None:
    import make_pages

    make_pages.write(HERE)
