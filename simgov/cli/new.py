"""`simgov new`."""

from __future__ import annotations

import shlex
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from simgov.cli import root_option, tell_errors
from simgov.cli.tongue import lang_option
from simgov.language import Message, message, say

if TYPE_CHECKING:
    from simgov.interview import Answers, Question


@click.command()
@click.argument("file", type=click.Path(dir_okay=False), default="my_place.yaml")
@click.option("--answers", type=click.Path(dir_okay=False), help="Take the answers from this YAML file; see docs/new.md.")
@click.option("--overwrite", is_flag=True, help="Replace a scenario that is there.")
@root_option
@lang_option()
@tell_errors
def new(file: str, answers: str | None, overwrite: bool, root: tuple[str, ...], lang: str) -> None:
    """Begin a scenario of your own place: about ten questions, and a commented file that can be run at once.

    Enter takes what stands in [brackets]; it is noted as an assumption. FILE is my_place.yaml if left out.
    """
    from simgov import interview

    path = Path(file)
    interview.check(path, overwrite)
    if answers:
        found = interview.answers_of(Path(answers), lang, date.today(), root)
    else:
        click.echo(say("Enter takes what stands in [brackets] and notes it as an assumption. Ctrl-C stops; nothing is written before the last answer.", lang))
        found = interview.conduct(_ask, lang, date.today())
    written = interview.save(found, path, overwrite)
    for note in found.chart.notes if found.chart else ():
        click.echo(say("the table: {note}", lang).format(note=say(note, lang)))
    places, next_words = say("written to {places}", lang).format(places=", ".join(map(str, written))), say("What next:", lang)
    click.echo(f"\n{places}\n\n{next_words}")
    for words, about in _next(path, found, lang):
        click.echo(f"  simgov {words}\n      {about}")


def _ask(question: Question, answers: Answers, number: int) -> tuple[str, Any]:
    """Ask on the screen until the answer is understood."""
    from simgov.interview import UnclearError

    lang, default = answers.lang, question.suggested(answers)
    click.echo(f"\n{number}. {click.style(say(question.text, lang), bold=True)}")
    for line in (question.about, question.example and say("such as: {example}", lang).format(example=say(question.example, lang))):
        if line:
            click.echo(click.style(f"     {say(line, lang)}", dim=True))
    while True:
        text = _typed(f"     [{default}]", question, lang)
        try:
            return text, question.read(text or default, answers)
        except UnclearError as error:
            click.echo(f"     {error.say(lang)}")


def _typed(prompt: str, question: Question, lang: str) -> str:
    """What was typed, without blanks around it; raises KeyboardInterrupt and, at the end of the input, UsageError."""
    from simgov.errors import UsageError

    try:
        return click.prompt(prompt, default="", show_default=False).strip()
    except click.Abort as abort:
        if isinstance(abort.__context__, EOFError):
            raise UsageError(message("the answers end before “{question}”; nothing was written", question=Message(question.text))) from None
        raise KeyboardInterrupt from None


def _next(path: Path, answers: Answers, lang: str) -> list[tuple[str, str]]:
    """The next three commands, with what each is for."""
    asked = click.get_current_context().get_parameter_source("lang") is ParameterSource.COMMANDLINE
    name, words = shlex.quote(str(path)), f" --lang {lang}" if asked else ""
    other = "midnight" if answers["rule"] != "midnight" else "off"
    return [
        (f"explain {name}{words}", say("what was understood, and what it implies", lang)),
        (f"run {name}{words}", say("simulate it 30 times", lang)),
        (f"run {name} --change {other}{words}", say("the same incidents under another rule of triage", lang)),
    ]
