"""A result on the terminal: the reported figures first, then what the rule costs, then the measures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from simgov.engines import Note
from simgov.explain import mind
from simgov.vocabulary import MEASURES
from simgov.words import key_label, number, span

if TYPE_CHECKING:
    import pandas as pd

    from simgov.result import Result
    from simgov.scenario import Scenario

WORDS = {
    "simulating": "正在模拟",
    "writing": "正在写出结果",
    "written to": "结果已写入",
    "Reported figures and what comes out": "报道的数字与模拟结果",
    "reported": "报道",
    "simulated": "模拟",
    "one window, 95 %": "单个窗口 95%",
    "verdict": "判定",
    "met": "相符",
    "missed": "不符",
    "too few replications": "重复次数不足",
    "no value": "无数值",
    "soft": "软目标",
    "fit": "拟合",
    "check": "检验",
    "No overnight: compliance and price": "研判不隔夜：达标与代价",
    "Measures": "指标",
    "measure": "指标",
    "value": "数值",
    "95 % interval": "95% 区间",
    "of": "分母",
    "all classes": "全部类别",
    "a window": "件／窗口",
    "rule in force": "所用规则",
    "replications": "次重复",
    "replication": "次重复",
    "not reached": "未达到",
    "seed": "种子",
    "engine": "引擎",
    "as asked": "按指定",
    "numba is not installed": "未安装 numba",
    "about {time} of work, done before the compiled engine has started": "约需 {time}，编译引擎启动前即可完成",
    "simpy would take about {time}": "simpy 约需 {time}",
    "compiling the engine, once on this machine (about {time})": "正在编译引擎，本机只需一次（约 {time}）",
    "numba cannot be loaded: {error}": "numba 无法加载：{error}",
    "the compiled engine could not be kept in the cache folder: every process compiles it anew": "编译引擎无法保存到缓存目录：每个进程都要重新编译",
    "journal not kept (--journal keeps it)": "未保留逐件记录（用 --journal 保留）",
    "the compiled engine is ready": "编译引擎已就绪",
    "comparing": "正在比较",
    "left out": "未检验",
    "about {visits:,.2g} million visits; name the file itself to check it": "约{visits:,.2g}百万个环节；如需检验请直接指定该文件",
    "{failed} of {count} targets fail, {soft} soft ones are not met, {scenarios} scenarios, {n} replications each; ranges hold for all targets together": "{count}个目标中{failed}个不符，另有软目标{soft}个不符；{scenarios}个情景，各重复{n}次；区间对全部目标同时成立",
    "policies": "个方案",
    "policy": "方案",
    "difference": "与基准之差",
    "joint interval": "联合区间",
    "base": "基准",
    "best": "最好",
    "may be best": "可能最好",
    "cannot tell": "看不出差别",
    "the same": "完全相同",
    "not sure": "尚不能判定是否达到",
    "meets it": "达到",
    "fails it": "达不到",
    "differences: joint 95 % intervals of a measure, under common draws": "之差：同一随机数下，每个指标的联合95%区间",
    "interrupted before anything was simulated; what is kept in {place} stays": "尚未开始模拟即被中断；{place}中已保存的内容不变",
    "interrupted: {done} of {total} trials are kept in {place}; the same command goes on from there": "已中断：{total}次模拟中的{done}次已保存在{place}，重新执行同一命令即可继续",
}
PRICE = ("same_day_triage", "due_met", "triage_delay_median", "triage_delay_p90", "off_hours_presence", "off_hours_triage_work", "evenings_per_person")


def say(text: str | Note, lang: str) -> str:
    if isinstance(text, Note):
        return say(text.words, lang).format(**text.values)
    return WORDS.get(text, text) if lang == "zh" else text


def show(result: Result, lang: str, everything: bool, console: Console | None = None) -> None:
    """Print the result."""
    console = console or Console()
    s = result.scenario
    console.print(f"\n[bold]{escape(s.title.say(lang) or s.name)}[/bold]  {s.period.start} – {s.period.end} ({s.days} d)", highlight=False)
    rules = ", ".join(escape(s.label("changes", name, lang)) for name in s.in_force)
    counted = say("replications" if result.replications > 1 else "replication", lang)
    console.print((f"{say('rule in force', lang)}: {rules}    " if rules else "") + f"{result.replications} {counted}, {say('seed', lang)} {result.seed}, {say('engine', lang)} {result.engine.name} [dim]({say(result.engine.why, lang)})[/dim]", highlight=False)
    for warning in mind(result.plan):
        console.print(f"[yellow]•[/yellow] {escape(warning)}", highlight=False)
    console.print()
    if len(result.targets):
        console.print(targets(s, result.targets, lang))
    told = result.measures["value"].notna() | result.measures["measure"].str.startswith("time_to_closure")
    measures = result.measures[told]
    price = measures[measures["measure"].isin(PRICE) & _matters(result, measures)]
    rest = measures[~measures["measure"].isin(PRICE)]
    if not everything:
        rest = rest[rest["class"].isin(["", "all"]) | (rest["measure"] == "headline_closure")]
    if len(price) and any(stage.triage for stage in s.stages.values()):
        console.print(_table(result, price, say("No overnight: compliance and price", lang), lang))
    console.print(_table(result, rest, say("Measures", lang), lang))


def _matters(result: Result, rows: pd.DataFrame) -> pd.Series:
    """Leave out teams that have no duty at all, and dues of stages that are no triage."""
    stages = result.scenario.stages
    idle = (rows["team"] != "") & (rows["value"] == 0)
    other = (rows["stage"] != "") & ~rows["stage"].map(lambda name: name in stages and stages[name].triage)
    return ~idle & ~other


def targets(scenario: Scenario, judged: pd.DataFrame, lang: str) -> Table:
    """Reported figures and what came out."""
    table = Table(title=say("Reported figures and what comes out", lang), title_justify="left", title_style="bold", box=None, padding=(0, 1))
    for name in ("measure", "reported", "simulated", "one window, 95 %", "verdict"):
        table.add_column(say(name, lang), justify="left" if name in ("measure", "verdict") else "right", overflow="fold")
    for (_, row), target in zip(judged.iterrows(), scenario.targets, strict=True):
        measure = MEASURES[target.measure]
        about = [escape(key_label(scenario, k, str(v), lang)) for k, v in target.where.items() if str(v) != "all"]
        label = escape(target.label.say(lang)) if target.label else measure.label(lang) + (f" ({', '.join(about)})" if about else "")
        of = escape(target.of.say(lang)) if target.of else measure.of(lang)
        counted = f" · {say('simulated', lang)} {row['denominator']:,.0f} {say('a window', lang)}" if measure.unit == "share" and row["denominator"] > 0 else ""
        label += f"\n[dim]{of}{counted}[/dim]"
        colour = {"met": "green", "missed": "red"}.get(row["verdict"], "yellow")
        verdict = f"[{colour}]{say(row['verdict'], lang)}[/{colour}] [dim]{say(target.kind, lang)}[/dim]"
        table.add_row(label, _percent(row["reported"], measure.unit), number(row["value"], measure.unit, lang), span(row["from"], row["to"], row["value"], measure.unit, lang), verdict)
    return table


def _table(result: Result, rows: pd.DataFrame, title: str, lang: str) -> Table:
    """One line per row; the rows of a measure stand below its name, and below that its denominator."""
    table = Table(title=title, title_justify="left", title_style="bold", box=None, padding=(0, 1))
    for name in ("measure", "value", "95 % interval", "of"):
        table.add_column(say(name, lang), justify="left" if name == "measure" else "right", overflow="fold", no_wrap=name != "measure")
    for name, group in rows.groupby("measure", sort=False):
        measure = MEASURES[name]
        of = f"\n[dim]{measure.of(lang)}[/dim]"
        about = [", ".join(escape(key_label(result.scenario, k, row[k], lang)) for k in measure.by if row[k] not in ("", "all")) for _, row in group.iterrows()]
        single = len(group) == 1
        if not single:
            table.add_row(measure.label(lang) + of)
        for (_, row), key in zip(group.iterrows(), about, strict=True):
            label = measure.label(lang) + (f" ({key})" if key else "") + of if single else "  " + (key or say("all classes", lang))
            counted = f"{row['denominator']:,.0f}" if measure.unit == "share" else ""
            interval = span(row["low"], row["high"], row["value"], measure.unit, lang)
            table.add_row(label, number(row["value"], measure.unit, lang), interval, counted)
    return table


def _percent(text: str, unit: str) -> str:
    if unit != "share":
        return text
    sign, _, value = text.rpartition(" ")
    return f"{sign} {float(value):.4g}".strip() if not value else f"{sign} {float(value) * 100:g} %".strip()
