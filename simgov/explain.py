"""What simgov understood of a scenario, for the person who wrote it: before anything is run."""

from __future__ import annotations

from typing import Any

import numpy as np
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from simgov import flow, plan
from simgov.calendars import follows_holidays
from simgov.clock import DAY, HOUR
from simgov.errors import dotted
from simgov.flow import Flow
from simgov.language import message, say
from simgov.marked import Rows, marked
from simgov.mind import mind
from simgov.never import never
from simgov.plan import Plan
from simgov.scenario import Scenario
from simgov.scenario.fields import OTHER
from simgov.scenario.origins import origin_of
from simgov.scenario.stage import By, Due, Need, Stage, StageHours
from simgov.sources import facts_of, kind_of, notes_of, numbers
from simgov.words import clauses, duration, joined, listed

MANY_NODES = 300_000  # a forest with more is explained by its first root


def understand(s: Scenario, console: Console, lang: str = "en", every_number: bool = False) -> None:
    """Print the scenario as it was understood; with `every_number`, also where each assumed number comes from."""
    roots = plan.plant(s)
    alone = len(roots.residents) > 1 and sum(count.sum() for count in roots.counts.values()) > MANY_NODES
    made = plan.make(s, range(1) if alone else None)
    impossible = never(made)
    expected = flow.expected(made, stuck=impossible.visits > 0)

    def show(text: Text, **more: Any) -> None:
        console.print(text, highlight=False, **more)

    show(marked("\n[bold]{title}[/bold]  {start} – {end} ({days})", title=s.title.say(lang) or s.name, start=s.period.start, end=s.period.end, days=say("{n} d", lang).format(n=s.days)))
    if text := s.description.say(lang):
        show(Text(text.strip()), style="dim")
    if alone:
        text = say("A forest of {roots:,} roots with {residents:,} residents; what follows is the first root, {name}", lang)
        show(Text(text.format(roots=len(roots.residents), residents=int(roots.residents.sum()), name=made.tree.names[0])))
    for table in (_tree(made, lang), _teams(made, expected, lang), _demand(made, expected, lang)):
        console.print()
        console.print(table)
    _stages(made, expected, console, lang)
    _changes(s, console, lang)
    if s.calendars:
        console.print()
        console.print(_calendars(s, lang))
    _origins(s, console, lang, every_number)
    _tables(s, console, lang)
    warnings = mind(made, impossible)
    if warnings:
        show(marked("\n[bold]{title}[/bold]", title=say("Warnings", lang)))
        for warning in warnings:
            show(Text(f"  • {say(warning, lang)}"))


def _label(s: Scenario, part: str, name: str, lang: str) -> str:
    return s.label(part, name, lang)


def _new(title: str, *columns: str, right: tuple[int, ...] = ()) -> Rows:
    return Rows(title, columns, right)


def _tree(made: Plan, lang: str) -> Rows:
    tree, table = made.tree, _new(say("Tree", lang), say("level", lang), say("nodes", lang), say("residents of each", lang), say("below each", lang), right=(1, 2, 3))
    children = np.bincount(tree.parent[tree.parent >= 0], minlength=len(tree.parent))
    for level in reversed(tree.levels):
        nodes = tree.at(level)
        below = _range(children[nodes]) if children[nodes].any() else ""
        table.add_row(_label(made.scenario, "levels", level, lang), f"{len(nodes):,}", _range(tree.residents[nodes]), below)
    return table


def _range(values: np.ndarray) -> str:
    if not len(values):
        return "-"
    low, high = int(values.min()), int(values.max())
    return f"{low:,}" if low == high else f"{low:,} – {high:,}"


def _teams(made: Plan, expected: Flow, lang: str) -> Rows:
    s, crowd = made.scenario, made.crowd
    table = _new(say("Teams", lang), say("team", lang), say("where", lang), say("people", lang), say("hours a week", lang), say("evening duty", lang), say("expected load", lang), right=(2, 3, 5))
    weeks = made.horizon / (7 * DAY)
    for t, (name, team) in enumerate(s.teams.items()):
        mine = np.flatnonzero(crowd.pool_team == t)
        people = crowd.headcount[:, mine].sum(axis=1)
        hours = s.calendar(team.hours).hours.length(0, made.horizon) / HOUR / weeks
        duty = ""
        if team.duty:
            window = s.calendar(team.duty.hours).hours - s.calendar(team.hours).hours
            duty = "+" + say("{n} h", lang).format(n=f"{window.length(0, made.horizon) / HOUR / weeks:.3g}") + (f" × {team.duty.people}" if team.duty.people else "")
        count = say("unlimited", lang) if team.people.unlimited else _range(people) if people.any() else Text(say("nobody", lang), "yellow")
        regular = sum(crowd.shifts[i].regular.length(0, made.horizon) for i in crowd.person_shift[crowd.person_team == t].tolist())
        load = expected.work[t] * made.horizon / DAY * HOUR / regular if regular else np.nan
        where = listed((_label(s, "levels", level, lang) for level in team.levels), lang)
        table.add_row(_label(s, "teams", name, lang), where, count, f"{hours:.3g}", duty, "" if np.isnan(load) else f"{load:.1%}")
    return table


def _calendars(s: Scenario, lang: str) -> Rows:
    """What each calendar does on public holidays and on make-up workdays."""
    table = _new(say("Calendars", lang), say("calendar", lang), say("hours", lang), say("on public holidays", lang), say("on make-up workdays", lang))
    for name, written in s.calendars.items():
        follows = follows_holidays(written.hours)
        counted = follows if written.makeup_workdays is None else written.makeup_workdays
        holidays = message("its rule for PH") if follows else message("as in any week")
        made_up = message("as on a Monday") if counted else message("as in any week")
        table.add_row(name, written.hours, say(holidays, lang), say(made_up, lang))
    return table


def _demand(made: Plan, expected: Flow, lang: str) -> Rows:
    s = made.scenario
    table = _new(say("Demand", lang), say("class", lang), say("a day", lang), say("a year", lang), say("enters at", lang), "", right=(1, 2))
    for c, (name, cls) in enumerate(s.classes.items()):
        enters = listed((_label(s, "stages", stage, lang) for stage in cls.enters), lang)
        table.add_row(
            _label(s, "classes", name, lang), f"{expected.births[c]:.3g}", f"{expected.births[c] * 365.25:,.0f}", enters,
            Text(say("background", lang), "dim") if cls.background else "",
        )  # fmt: skip
    return table


def _stages(made: Plan, expected: Flow, console: Console, lang: str) -> None:
    """The procedure as a chain: who, how long, until when; where it goes from here; what that implies."""
    s, names = made.scenario, list(made.scenario.stages)
    note = say("implied: without dues, gates and returns; hard matters close more seldom where they have failed before", lang)
    console.print(marked("\n[bold]{title}[/bold]  [dim]{note}[/dim]", title=say("Procedure", lang), note=note), highlight=False)
    for i, (name, stage) in enumerate(s.stages.items()):
        following = names[i + 1] if i + 1 < len(names) else None
        triage = marked(" [cyan]{word}[/cyan]", word=say("triage", lang)) if stage.triage else ""
        console.print(marked(" [bold]{number} {label}[/bold] [dim]{name}[/dim]{triage}", number=f"{i + 1:>2}", label=_label(s, "stages", name, lang), name=name, triage=triage), highlight=False)
        lines = {
            message("who"): _who(s, stage, lang), message("hours"): _hours(s, stage, lang), message("time"): _time(s, stage, lang),
            message("due"): _due(s, stage, lang), message("then"): _outcomes(s, stage, following, lang),
        }  # fmt: skip
        implied = [_implied(made, expected, c, i, lang) for c in range(len(s.classes))]
        lines[message("implied")] = clauses((text for text in implied if text), lang)
        for word, text in lines.items():
            if text:
                console.print(Padding(marked("[dim]{word}[/dim] {text}", word=say(word, lang), text=text), (0, 0, 0, 4)), highlight=False)


def _implied(made: Plan, expected: Flow, c: int, i: int, lang: str) -> str:
    s, name = made.scenario, made.classes[c]
    if expected.visits[c, i] < 1e-9 or s.classes[name].background:
        return ""
    words = say("{class_} {n} a week", lang).format(class_=_label(s, "classes", name, lang), n=f"{expected.visits[c, i] * 7:.3g}")
    shares = {message("can never start here {share}"): expected.stuck[c, i], message("closed here {share}"): expected.closing[c, i]}
    return joined((words, *(say(text, lang).format(share=f"{share:.1%}") for text, share in shares.items() if share > 0)), lang)


WHEN = {"duty": message("on duty, too"), "until_clear": message("until clear")}
AT_CLOSE = {"pause": message("pause"), "finish": message("finish")}


def _hours(s: Scenario, stage: Stage, lang: str) -> str:
    def one(hours: StageHours) -> str:
        words = [say(WHEN[hours.when], lang)] if hours.when in WHEN else []
        words += [say("on call {share}", lang).format(share=f"{hours.on_call:.0%}")] if hours.on_call else []
        return joined((*words, say(AT_CLOSE[hours.at_close], lang)), lang)

    return _by_class(s, stage.hours, one, lang)


def _by_class(s: Scenario, values: dict[str, Any], text: Any, lang: str) -> str:
    """One line for all classes, or one for each that differs."""
    values = {c: v for c, v in values.items() if c == OTHER or not s.classes[c].background} or dict.fromkeys([OTHER], None)
    if set(values) <= {OTHER}:
        return text(values[OTHER]) if values.get(OTHER) is not None else ""
    return clauses((say("{text}: {more}", lang).format(text=_label(s, "classes", c, lang) if c != OTHER else "…", more=text(v)) for c, v in values.items()), lang)


def _who(s: Scenario, stage: Stage, lang: str) -> str:
    def one(by: By) -> str:
        sign = {"any": " / ", "all": " + ", "each": " & ", "none": ""}[by.mode]
        slots = [[_need(s, n, lang) for n, slot in zip(by.needs, by.slots, strict=True) if slot == k] for k in dict.fromkeys(by.slots)]
        text = sign.join(f"({' / '.join(slot)})" if len(slot) > 1 else slot[0] for slot in slots)
        if by.join:
            text = say("{parts}, until {share} of the parts are done", lang).format(parts=text, share=f"{by.join:.0%}")
        return text + (" → " + listed((_label(s, "teams", n.team, lang) for n in by.read), lang) if by.read else "")

    return _by_class(s, stage.by, one, lang)


def _need(s: Scenario, need: Need, lang: str) -> str:
    text = _label(s, "teams", need.team, lang) + (f" ×{need.people}" if need.people > 1 else "")
    if need.below:
        text = say("{team} everywhere below the {level}", lang).format(team=text, level=_label(s, "levels", need.below, lang))
    return text


SPENT = {"wait": message("agreed wait"), "work": message("work"), "lead": message("lead after the work")}


def _time(s: Scenario, stage: Stage, lang: str) -> str:
    lines, background = [], {c for c, cls in s.classes.items() if cls.background}
    for gate in {g.opens: g for g in stage.gate.values() if g}.values():
        lines.append(f"{say('gate open', lang)} {gate.opens}" + (f" ≤{gate.takes}" if gate.takes else ""))
    for part, words in SPENT.items():
        means = sorted({round(d.mean()) for c, d in getattr(stage, part).items() if c not in background})
        if means and means != [0]:
            lines.append(f"{say(words, lang)} " + " / ".join(duration(m, lang) for m in means))
    return " · ".join(lines)


DUE = {"end_of_day": message("end of day"), "end_of_duty": message("end of duty")}


def _due(s: Scenario, stage: Stage, lang: str) -> str:
    def one(due: Due | None) -> str:
        if due is None:
            return "-"
        point = due.opening or say(DUE.get(due.at, due.at), lang)
        when = duration(due.duration, lang) if due.duration else point
        when = say("{point} for what comes by {cut_off}", lang).format(point=point, cut_off=due.cut_off) if due.cut_off else when
        act = due.then
        then = say("→ closed", lang) if act.close else say("priority goes up by {n}", lang).format(n=act.raise_) if act.raise_ else ""
        if act.move or act.outcomes:
            ways = act.leads_to.items()
            then = "→ " + listed((_target(s, name, lang) + (f" {o.chance:.3g}" if o.chance < 1 else "") for name, o in ways), lang)
        return f"{when} {then}".strip()

    return _by_class(s, stage.due, one, lang)


def _outcomes(s: Scenario, stage: Stage, following: str | None, lang: str) -> str:
    def one(outcomes: dict[str, Any]) -> str:
        parts = [f"{_target(s, name, lang)} {o.chance:.3g}" for name, o in outcomes.items()]
        rest = 1 - sum(o.chance for o in outcomes.values())
        if rest > 1e-9 and following:
            parts.append(f"{_label(s, 'stages', following, lang)} {rest:.3g}")
        return listed(parts, lang)

    if stage.verify:
        return say("visits {share} of what is closed", lang).format(share=f"{stage.verify.share:.0%}")
    if not stage.outcomes:
        return f"{_label(s, 'stages', following, lang)} 1" if following else ""
    return _by_class(s, stage.outcomes, one, lang)


ENDS = {"closed": message("closed"), "never": message("never closed")}


def _target(s: Scenario, name: str, lang: str) -> str:
    if name in ENDS:
        return say(ENDS[name], lang)
    return _label(s, "stages", name, lang) if name in s.stages else _label(s, "ends", name, lang)


def _changes(s: Scenario, console: Console, lang: str) -> None:
    if not s.changes:
        return
    console.print(marked("\n[bold]{title}[/bold]", title=say("Changes", lang)), highlight=False)
    for name, change in s.changes.items():
        state = Text(say("in force", lang), "green") if name in s.in_force else Text(say("available", lang), "dim")
        group = marked(" [dim]({group})[/dim]", group=change.group) if change.group else ""
        window = f" [{change.window.start or s.period.start} – {change.window.end or s.period.end})" if change.window else ""
        words = marked("  {name}{group}: {label}{window} – {state}", name=name, group=group, label=_label(s, "changes", name, lang), window=window, state=state)
        console.print(words, highlight=False)
        if name in s.in_force:
            for path, value in change.set.items():
                console.print(Padding(Text(f"{path} = {value}", "dim"), (0, 0, 0, 6)), highlight=False)


# ── origins ─────────────────────────────────────────────────────────────────────────────────────────

ORIGINS = {"source": message("source"), "follows": message("follows from a source"), "outside": message("outside"), "assumption": message("assumption"), "no origin": message("no origin")}


def _origins(s: Scenario, console: Console, lang: str, every_number: bool) -> None:
    facts = facts_of(s)
    groups: dict[str, list[tuple[str, Any, Any]]] = {kind: [] for kind in ORIGINS}
    for path, value in numbers(s).items():
        groups[kind_of(path, value, s, facts)].append((dotted(path), value, origin_of(path, s.origins)))
    counts = listed((say("{n} {kind}", lang).format(n=len(rows), kind=say(ORIGINS[kind], lang)) for kind, rows in groups.items() if rows), lang)
    title = Text(say("Where the numbers come from", lang), "bold")
    console.print(marked("\n" + say("{text}: {more}", lang), text=title, more=counts), highlight=False)
    for kind, rows in groups.items():
        if kind == "assumption" and not every_number:
            if rows:
                console.print(Text("  " + say("assumptions and their ranges: explain --numbers", lang), "dim"), highlight=False)
            continue
        for path, value, origin in rows:
            words = marked("  [dim]{kind}[/dim]  {number}  [dim]{origin}[/dim]", kind=f"{say(ORIGINS[kind], lang):>10}", number=f"{path} = {value}", origin=_says(origin, facts, lang))
            console.print(words, highlight=False, soft_wrap=True)


def _says(origin: Any, facts: dict[str, dict[str, str]], lang: str) -> str:
    if origin is None:
        return ""
    if origin.kind == "assumption" and isinstance(origin.says, list):
        text = f"{origin.says[0]} – {origin.says[1]}"
    else:
        says = origin.reason(lang)
        ids = [says] if isinstance(says, str) else list(says)
        text = "; ".join(f"{i}: {facts[i]['phrase'][:60]}" if i in facts and facts[i].get("phrase") else str(i) for i in ids)
    return f"{text} {origin.noted(lang)}".strip()


def _tables(s: Scenario, console: Console, lang: str) -> None:
    """What was taken for what in the files of tables, where more was done than to read them."""
    read = notes_of(s)
    if read:
        console.print(marked("\n[bold]{title}[/bold]", title=say("Tables", lang)), highlight=False)
    for file, notes in read.items():
        text = say("{text}: {more}", lang).format(text=file, more=clauses((say(note, lang) for note in notes), lang))
        console.print(Text(f"  {text}"), highlight=False, soft_wrap=True)
