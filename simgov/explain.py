"""What simgov understood of a scenario, for the person who wrote it: before anything is run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from simgov import flow, plan
from simgov.calendars import known_through
from simgov.clock import DAY, HOUR, span
from simgov.errors import dotted
from simgov.flow import Flow
from simgov.plan import Plan
from simgov.scenario import Scenario
from simgov.scenario.fields import OTHER, for_class
from simgov.scenario.model import By, Due, Stage, StageHours
from simgov.scenario.origins import KINDS, origin_of, read_facts

ZH = {
    "A forest of {roots:,} roots with {residents:,} residents; what follows is the first root, {name}": "共 {roots:,} 个根节点、{residents:,} 名居民；以下为第一个：{name}",
    "Tree": "组织层级", "level": "层级", "nodes": "节点数", "residents of each": "每节点居民", "below each": "每节点下级数",
    "Teams": "队伍", "team": "队伍", "where": "所在", "people": "人数", "hours a week": "每周工时", "duty ": "值守", "expected load": "预期负荷",
    "Demand": "需求", "class": "类别", "a day": "每日", "a year": "每年", "enters at": "进入环节", "background": "背景工作",
    "Procedure": "流程", "implied: without dues, gates and returns; hard matters close more seldom where they have failed before": "推算不含时限、窗口与重办；难办的事越往上越难办结", "who": "由谁", "time": "用时", "due": "时限", "implied": "推算",
    "Where the numbers come from": "数字的来源", "source": "原文事实", "outside": "外部资料", "assumption": "假设", "no origin": "未注明来源",
    "Changes": "方案", "in force": "已启用", "available": "可选用", "Mind": "请注意", "assumptions and their ranges: explain --numbers": "各项假设及其范围：explain --numbers", "nobody": "无人", "unlimited": "不限", "each": "各", "triage": "研判", "hours": "时间", "duty": "值守时段", "until clear": "清零为止", "on call": "可联系", "pause": "下班暂停", "finish": "做完为止", "regular": "正常时间", "then": "去向", "closed": "在此办结", "gate": "等窗口开放", "wait": "约定等待", "work": "处置", "lead": "办理周期", "a week": "每周",
}  # fmt: skip


MANY_NODES = 300_000  # a forest with more is explained by its first root


def understand(s: Scenario, console: Console, lang: str = "en", every_number: bool = False) -> None:
    """Print the scenario as it was understood; with `every_number`, also where each assumed number comes from."""
    roots = plan.plant(s)
    alone = len(roots.residents) > 1 and sum(count.sum() for count in roots.counts.values()) > MANY_NODES
    made = plan.make(s, range(1) if alone else None)
    expected = flow.expected(made)

    def say(text: str) -> str:
        return ZH.get(text, text) if lang == "zh" else text

    console.print(f"\n[bold]{escape(s.title.say(lang) or s.name)}[/bold]  {s.period.start} – {s.period.end} ({s.days} d)", highlight=False)
    if text := s.description.say(lang):
        console.print(escape(text.strip()), style="dim", highlight=False)
    if alone:
        text = say("A forest of {roots:,} roots with {residents:,} residents; what follows is the first root, {name}")
        console.print(escape(text.format(roots=len(roots.residents), residents=int(roots.residents.sum()), name=made.tree.names[0])), highlight=False)
    for table in (_tree(made, lang, say), _teams(made, expected, lang, say), _demand(made, expected, lang, say)):
        console.print()
        console.print(table)
    _stages(made, expected, console, lang, say)
    _changes(s, console, lang, say)
    _origins(s, console, say, every_number)
    warnings = mind(made)
    if warnings:
        console.print(f"\n[bold]{say('Mind')}[/bold]")
        for warning in warnings:
            console.print(f"  • {escape(warning)}", highlight=False)


def _label(s: Scenario, part: str, name: str, lang: str) -> str:
    """A label that may hold square brackets, which the terminal would take for colours."""
    return escape(s.label(part, name, lang))


def _new(title: str, *columns: str, right: tuple[int, ...] = ()) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, padding=(0, 1))
    for i, name in enumerate(columns):
        table.add_column(name, justify="right" if i in right else "left", overflow="fold")
    return table


def _tree(made: Plan, lang: str, say: Any) -> Table:
    tree, table = made.tree, _new(say("Tree"), say("level"), say("nodes"), say("residents of each"), say("below each"), right=(1, 2, 3))
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


def _teams(made: Plan, expected: Flow, lang: str, say: Any) -> Table:
    s, crowd = made.scenario, made.crowd
    table = _new(say("Teams"), say("team"), say("where"), say("people"), say("hours a week"), say("duty "), say("expected load"), right=(2, 3, 5))
    weeks = made.horizon / (7 * DAY)
    for t, (name, team) in enumerate(s.teams.items()):
        mine = np.flatnonzero(crowd.pool_team == t)
        people = crowd.headcount[:, mine].sum(axis=1)
        hours = s.calendar(team.hours).hours.length(0, made.horizon) / HOUR / weeks
        duty = ""
        if team.duty:
            window = s.calendar(team.duty.hours).hours - s.calendar(team.hours).hours
            duty = f"+{window.length(0, made.horizon) / HOUR / weeks:.3g} h" + (f" × {team.duty.people}" if team.duty.people else "")
        count = say("unlimited") if team.people.unlimited else _range(people) if people.any() else f"[yellow]{say('nobody')}[/yellow]"
        regular = sum(crowd.shifts[i].regular.length(0, made.horizon) for i in crowd.person_shift[crowd.person_team == t].tolist())
        load = expected.work[t] * made.horizon / DAY * HOUR / regular if regular else np.nan
        where = ", ".join(_label(s, "levels", level, lang) for level in team.levels)
        table.add_row(_label(s, "teams", name, lang), where, count, f"{hours:.3g}", duty, "" if np.isnan(load) else f"{load:.1%}")
    return table


def _demand(made: Plan, expected: Flow, lang: str, say: Any) -> Table:
    s = made.scenario
    table = _new(say("Demand"), say("class"), say("a day"), say("a year"), say("enters at"), "", right=(1, 2))
    for c, (name, cls) in enumerate(s.classes.items()):
        enters = ", ".join(_label(s, "stages", stage, lang) for stage in cls.enters)
        table.add_row(
            _label(s, "classes", name, lang), f"{expected.births[c]:.3g}", f"{expected.births[c] * 365.25:,.0f}", enters,
            f"[dim]{say('background')}[/dim]" if cls.background else "",
        )  # fmt: skip
    return table


def _stages(made: Plan, expected: Flow, console: Console, lang: str, say: Any) -> None:
    """The procedure as a chain: who, how long, until when; where it goes from here; what that implies."""
    s, names = made.scenario, list(made.scenario.stages)
    console.print(f"\n[bold]{say('Procedure')}[/bold]  [dim]{say('implied: without dues, gates and returns; hard matters close more seldom where they have failed before')}[/dim]", highlight=False)
    for i, (name, stage) in enumerate(s.stages.items()):
        following = names[i + 1] if i + 1 < len(names) else None
        title = f"[bold]{i + 1:>2} {_label(s, 'stages', name, lang)}[/bold] [dim]{name}[/dim]"
        console.print(f" {title}" + (f" [cyan]{say('triage')}[/cyan]" if stage.triage else ""), highlight=False)
        lines = {"who": _who(s, stage, lang), "hours": _hours(s, stage, lang, say), "time": _time(s, stage, lang, say), "due": _due(s, stage, lang), "then": _outcomes(s, stage, following, lang)}
        implied = [_implied(made, expected, c, i, lang, say) for c in range(len(s.classes))]
        lines["implied"] = "; ".join(text for text in implied if text)
        for word, text in lines.items():
            if text:
                console.print(Padding(f"[dim]{say(word)}[/dim] {text}", (0, 0, 0, 4)), highlight=False)


def _implied(made: Plan, expected: Flow, c: int, i: int, lang: str, say: Any) -> str:
    s, name = made.scenario, made.classes[c]
    if expected.visits[c, i] < 1e-9 or s.classes[name].background:
        return ""
    share = expected.closing[c, i]
    closing = f", {say('closed')} {share:.1%}" if share > 0 else ""
    return f"{_label(s, 'classes', name, lang)} {expected.visits[c, i] * 7:.3g} {say('a week')}{closing}"


DUE_ZH = {"end_of_day": "当日24时", "end_of_duty": "值守结束"}
SPAN_ZH = {" d": " 天", " h": " 小时", " min": " 分钟", " s": " 秒"}


def _span(seconds: int, lang: str) -> str:
    text = span(seconds)
    unit = " " + text.rpartition(" ")[2]
    return text.replace(unit, SPAN_ZH[unit]) if lang == "zh" else text


def _hours(s: Scenario, stage: Stage, lang: str, say: Any) -> str:
    def one(hours: StageHours) -> str:
        words = [say(hours.when.replace("_", " "))] if hours.when != "regular" else []
        words += [f"{say('on call')} {hours.on_call:.0%}"] if hours.on_call else []
        return ", ".join([*words, say(hours.at_close)])

    return _by_class(s, stage.hours, one, lang)


def _by_class(s: Scenario, values: dict[str, Any], text: Any, lang: str) -> str:
    """One line for all classes, or one for each that differs."""
    values = {c: v for c, v in values.items() if c == OTHER or not s.classes[c].background} or dict.fromkeys([OTHER], None)
    if set(values) <= {OTHER}:
        return text(values[OTHER]) if values.get(OTHER) is not None else ""
    return "; ".join(f"{_label(s, 'classes', c, lang) if c != OTHER else '…'}: {text(v)}" for c, v in values.items())


def _who(s: Scenario, stage: Stage, lang: str) -> str:
    def one(by: By) -> str:
        sign = {"any": " / ", "all": " + ", "each": " & ", "none": ""}[by.mode]
        text = sign.join(_label(s, "teams", n.team, lang) + (f" ×{n.people}" if n.people > 1 else "") for n in by.needs)
        return text + (" → " + ", ".join(_label(s, "teams", n.team, lang) for n in by.read) if by.read else "")

    return _by_class(s, stage.by, one, lang)


def _time(s: Scenario, stage: Stage, lang: str, say: Any) -> str:
    lines, background = [], {c for c, cls in s.classes.items() if cls.background}
    for gate in {g.opens: g for g in stage.gate.values() if g}.values():
        lines.append(f"{say('gate')} {gate.opens}" + (f" ≤{gate.takes}" if gate.takes else ""))
    for part in ("wait", "work", "lead"):
        means = sorted({round(d.mean()) for c, d in getattr(stage, part).items() if c not in background})
        if means and means != [0]:
            lines.append(f"{say(part)} " + " / ".join(_span(m, lang) for m in means))
    return " · ".join(lines)


def _due(s: Scenario, stage: Stage, lang: str) -> str:
    def one(due: Due | None) -> str:
        if due is None:
            return "-"
        point = due.opening or (DUE_ZH.get(due.at, due.at) if lang == "zh" else due.at.replace("_", " "))
        when = _span(due.duration, lang) if due.duration else point + (f" ({due.cut_off})" if due.cut_off else "")
        act = due.then
        then = f"→ {_label(s, 'stages', act.move.stage, lang)}" if act.move else "close" if act.close else f"raise {act.raise_}" if act.raise_ else ""
        return f"{when} {then}".strip()

    return _by_class(s, stage.due, one, lang)


def _outcomes(s: Scenario, stage: Stage, following: str | None, lang: str) -> str:
    def one(outcomes: dict[str, Any]) -> str:
        parts = [f"{_target(s, name, lang)} {o.chance:.3g}" for name, o in outcomes.items()]
        rest = 1 - sum(o.chance for o in outcomes.values())
        if rest > 1e-9 and following:
            parts.append(f"{_label(s, 'stages', following, lang)} {rest:.3g}")
        return ", ".join(parts)

    if stage.verify:
        return f"{stage.verify.share:.0%} 回访" if lang == "zh" else f"visits {stage.verify.share:.0%} of what is closed"
    if not stage.outcomes:
        return f"{_label(s, 'stages', following, lang)} 1" if following else ""
    return _by_class(s, stage.outcomes, one, lang)


def _target(s: Scenario, name: str, lang: str) -> str:
    if lang == "zh" and name in ("closed", "never"):
        return {"closed": "办结", "never": "长期搁置"}[name]
    return _label(s, "stages", name, lang) if name in s.stages else _label(s, "ends", name, lang)


def _changes(s: Scenario, console: Console, lang: str, say: Any) -> None:
    if not s.changes:
        return
    console.print(f"\n[bold]{say('Changes')}[/bold]")
    for name, change in s.changes.items():
        state = f"[green]{say('in force')}[/green]" if name in s.in_force else f"[dim]{say('available')}[/dim]"
        group = f" [dim]({change.group})[/dim]" if change.group else ""
        window = f" [{change.window.start or s.period.start} – {change.window.end or s.period.end})" if change.window else ""
        console.print(f"  {escape(name)}{group}: {_label(s, 'changes', name, lang)}{escape(window)} – {state}", highlight=False)
        if name in s.in_force:
            for path, value in change.set.items():
                console.print(Padding(f"[dim]{escape(f'{path} = {value}')}[/dim]", (0, 0, 0, 6)), highlight=False)


# ── origins ─────────────────────────────────────────────────────────────────────────────────────────

# An order of precedence and a guard against loops are no claims about the world.
NO_CLAIMS = ("priority", "max_visits")
NOT_NUMBERS = ("schema", "title", "description", "facts", "period", "targets", "changes", "apply", "nodes", "extends")


def numbers(s: Scenario) -> dict[tuple[str | int, ...], Any]:
    """Every number (and duration, and calendar) of the scenario by path, apart from period, changes and targets."""
    found: dict[tuple[str | int, ...], Any] = {}

    def walk(value: Any, path: tuple[str | int, ...]) -> None:
        if isinstance(value, dict):
            for key, item in value.items():
                if key not in NO_CLAIMS:
                    walk(item, (*path, key))
        elif isinstance(value, list):
            for i, item in enumerate(value):
                walk(item, (*path, i))
        elif not isinstance(value, bool) and (isinstance(value, (int, float)) or (isinstance(value, str) and value[:1].isdigit()) or path[0] == "calendars"):
            found[path] = value

    for key, value in s.data.items():
        if key not in NOT_NUMBERS:
            walk(value, (key,))
    return found


def _origins(s: Scenario, console: Console, say: Any, every_number: bool) -> None:
    facts = read_facts(Path(s.folder) / s.facts) if s.facts else {}
    groups: dict[str, list[tuple[str, Any, Any]]] = {kind: [] for kind in (*KINDS, "no origin")}
    for path, value in numbers(s).items():
        origin = origin_of(path, s.origins)
        groups[origin.kind if origin else "no origin"].append((dotted(path), value, origin))
    counts = ", ".join(f"{len(rows)} {say(kind)}" for kind, rows in groups.items() if rows)
    console.print(f"\n[bold]{say('Where the numbers come from')}[/bold]: {counts}", highlight=False)
    for kind, rows in groups.items():
        if kind == "assumption" and not every_number:
            if rows:
                console.print(f"  [dim]{say('assumptions and their ranges: explain --numbers')}[/dim]", highlight=False)
            continue
        for path, value, origin in rows:
            console.print(f"  [dim]{say(kind):>10}[/dim]  {escape(f'{path} = {value}')}  [dim]{escape(_says(origin, facts))}[/dim]", highlight=False, soft_wrap=True)


def _says(origin: Any, facts: dict[str, dict[str, str]]) -> str:
    if origin is None:
        return ""
    if origin.kind == "assumption" and isinstance(origin.says, list):
        text = f"{origin.says[0]} – {origin.says[1]}"
    else:
        ids = [origin.says] if isinstance(origin.says, str) else list(origin.says)
        text = "; ".join(f"{i}: {facts[i]['phrase'][:60]}" if i in facts and facts[i].get("phrase") else str(i) for i in ids)
    return f"{text} {origin.note}".strip()


# ── warnings ────────────────────────────────────────────────────────────────────────────────────────


def mind(made: Plan) -> list[str]:
    """What is allowed but surely deserves a second look."""
    s, found = made.scenario, []
    last = known_through(s.public_holidays.country)
    if s.period.end.year > last:
        found.append(f"public holidays: make-up workdays are known up to {last} only; list later ones under public_holidays")
    asked = {n.team for stage in s.stages.values() for by in stage.by.values() for n in (*by.needs, *by.read)}
    for name in s.teams:
        if s.teams[name].people.nobody and name in asked:
            found.append(f"teams.{name} has nobody: whoever asks for it waits until a due moves it")
        if name not in asked:
            found.append(f"teams.{name} does nothing: no stage asks for it")
    found += _unserved(made) + _narrow_gates(made)
    for name, stage in s.stages.items():
        for cls in s.classes:
            by = for_class(stage.by, cls)
            if by and by.mode == "all":
                shared = _shared_hours(s, by) / (made.horizon / (7 * DAY))
                if shared < 4:
                    found.append(f"stages.{name}: the calendars of its people share only {shared:.2g} h a week")
                break
    return found


def _unserved(made: Plan) -> list[str]:
    """Residents above whom nobody of a team is found."""
    tree, found = made.tree, {}
    leaves = np.flatnonzero(tree.is_leaf)
    for place, team in zip(made.procedure.needs.place, made.procedure.needs.team, strict=True):
        name = made.crowd.teams[team]
        alone = int(tree.residents[leaves[made.procedure.places[place][leaves] < 0]].sum())
        if alone and not made.scenario.teams[name].people.nobody:
            total = int(tree.residents[leaves].sum())
            found[name] = f"teams.{name}: {alone:,} of {total:,} residents have nobody of it; what asks for it there waits until a due moves it"
    return list(found.values())


def _narrow_gates(made: Plan) -> list[str]:
    """Gates through which more wants to go than may."""
    s, found = made.scenario, []
    gates = {i: gate for i, stage in enumerate(s.stages.values()) for gate in stage.gate.values() if gate and gate.takes}
    visits = flow.expected(made).visits.sum(axis=0) if gates else []
    for i, gate in gates.items():
        stage = s.stages[made.stages[i]]
        level = gate.at or next(s.teams[by.needs[0].team].levels[0] for by in stage.by.values() if by.needs)
        a_day = len(s.calendar(gate.opens).openings) * gate.takes * len(made.tree.at(level)) / s.days
        if visits[i] > a_day:
            found.append(f"stages.{made.stages[i]}: {visits[i] * 7:.3g} a week come to gates that let {a_day * 7:.3g} through")
    return found


def _shared_hours(s: Scenario, by: By) -> float:
    together = None
    for need in by.needs:
        team = s.teams[need.team]
        hours = s.calendar(team.hours).hours
        if team.duty:
            hours = hours | s.calendar(team.duty.hours).hours
        together = hours if together is None else together & hours
    return together.length(0, s.days * DAY) / HOUR if together else 0.0
