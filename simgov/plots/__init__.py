"""Figures, from results only. Each says its window, its replications and its denominator."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from matplotlib import rc_context
from matplotlib.figure import Figure

from simgov.errors import nearest
from simgov.language import LANGUAGES
from simgov.plots import chain, closure, elapsed, life, load, places, waiting
from simgov.plots.comparison import KINDS
from simgov.plots.fonts import finish, quiet
from simgov.plots.style import STYLE, styled

if TYPE_CHECKING:
    from simgov.result import Result
    from simgov.study import Comparison


class Picture(Figure):
    """A figure that notebooks show as it is, without pyplot."""

    def _repr_png_(self) -> bytes:
        from io import BytesIO

        data = BytesIO()
        self.savefig(data, format="png", dpi=110)
        return data.getvalue()

    def savefig(self, *to: Any, **how: Any) -> None:
        """As matplotlib does it; an SVG has its text as paths and is the same each time."""
        with rc_context(STYLE), quiet():
            super().savefig(*to, **how)

    def draw(self, renderer: Any) -> None:
        """As matplotlib does it, without a word about letters that are missing: that was said when the figure was made."""
        with quiet():
            super().draw(renderer)


FIGURES = {
    "closure": closure.draw,
    "chain": chain.draw,
    "time": elapsed.draw,
    "waiting": waiting.draw,
    "load": load.draw,
    "places": places.draw,
    "life": life.draw,
}
SIZE = (8, 5)  # inches: at 640 pixels nine points are ten pixels


def draw(result: Result, name: str, lang: str = "en") -> Figure:
    """The figure of that name. Raises KeyError for an unknown one."""
    if name not in FIGURES:
        raise KeyError(f"unknown figure '{name}'; {nearest(name, FIGURES)}")
    return _drawn(FIGURES[name], result, lang, SIZE)


def compare(comparison: Comparison, lang: str = "en", kind: str | None = None) -> Figure:
    """The figure of a study that its file asks for, or one of another kind. Raises KeyError for an unknown one."""
    kind = comparison.study.file.figure.kind if kind is None else kind
    if kind not in KINDS:
        raise KeyError(f"unknown figure of a study '{kind}'; {nearest(kind, KINDS)}")
    return _drawn(KINDS[kind], comparison, lang)


def _drawn(make: Callable[[Any, Figure, str], None], about: Any, lang: str, size: tuple[float, float] = (9, 5.2)) -> Figure:
    if lang not in LANGUAGES:
        raise KeyError(f"unknown language '{lang}'; known: {', '.join(LANGUAGES)}")
    with styled():
        figure = Picture(figsize=size, layout="constrained")
        make(about, figure, lang)
        finish(figure, lang)  # texts take their font while the style holds
    return figure
