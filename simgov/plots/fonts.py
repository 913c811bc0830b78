"""The fonts of figures: one that knows Latin, the Chinese one that comes with simgov and, where both lack a character, those of the machine."""

from __future__ import annotations

import logging
import unicodedata
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from pathlib import Path

from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font
from matplotlib.text import Text

from simgov import missing

PLAIN = ("Regular", "Book", "Normal", "Roman")
UNSEEN = ("Cc", "Cf", "Zs", "Zl", "Zp")  # kinds of characters that leave no ink


@cache
def chinese() -> Path:
    """Noto Sans CJK SC, cut to GB 2312, Latin and digits: it comes with simgov."""
    return Path(str(files("simgov") / "fonts" / "NotoSansCJKsc-subset.otf"))


@cache
def latin() -> Path:
    """DejaVu Sans, which comes with matplotlib."""
    return Path(font_manager.findfont("DejaVu Sans"))


@cache
def font_families() -> list[str]:
    """Latin first, then the Chinese font that comes with simgov."""
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    return ["DejaVu Sans", _registered(chinese())]


def _registered(path: Path) -> str:
    """The family of a font, which matplotlib knows from now on. Raises what matplotlib does for one that it cannot draw."""
    font_manager.fontManager.addfont(str(path))
    return font_manager.FontProperties(fname=str(path)).get_name()


def knows(path: Path, character: str) -> bool:
    """Whether a font has a character."""
    return bool(_opened(path).get_char_index(ord(character)))


@cache
def _opened(path: Path) -> FT2Font:
    return FT2Font(str(path))


@contextmanager
def quiet() -> Iterator[None]:
    """Matplotlib says of each letter that is missing that it is; we say it once."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from font", UserWarning)
        yield


def finish(figure: Figure, lang: str) -> None:
    """Draw it once, so that everything has its place; what our fonts lack is taken from fonts of the machine, and told where these lack it, too."""
    figure.draw_without_rendering()  # there are more texts now: those of ticks
    texts = figure.findobj(Text)
    letters = {c for text in texts for c in text.get_text() if unicodedata.category(c) not in UNSEEN}
    lacking = {c for c in letters if not (knows(latin(), c) or knows(chinese(), c))}
    if not lacking:
        return
    more, still = _of_the_machine(frozenset(lacking))
    if more:
        for text in texts:
            text.set_fontfamily([*text.get_fontfamily(), *more])
        figure.draw_without_rendering()
    if still:
        missing.tell(still, lang)


@cache
def _of_the_machine(lacking: frozenset[str]) -> tuple[list[str], set[str]]:
    """As few families as have these characters, the one that has most of them first; and the characters that none has."""
    found = {path: {c for c in lacking if knows(path, c)} for path in _installed()}
    families, still = [], set(lacking)
    while best := max((path for path in found if found[path] & still), key=lambda path: (len(found[path] & still), _opened(path).style_name in PLAIN, str(path)), default=None):
        here = found.pop(best)
        try:
            families.append(_registered(best))
        except Exception:
            continue
        still -= here
    return families, still


@cache
def _installed() -> list[Path]:
    """All fonts of the machine that can be read. Looked for anew: matplotlib remembers what there was when it was first used."""
    paths = []
    for name in sorted(font_manager.findSystemFonts()):
        try:
            _opened(Path(name))
        except (OSError, RuntimeError):
            continue
        paths.append(Path(name))
    return paths
