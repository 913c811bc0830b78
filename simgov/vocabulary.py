"""The measures that simgov knows, in words: name, labels, unit, denominator, direction. How they are computed is in `measures/`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

DAYS = (1, 3, 7, 30)  # of cohort closure
PARTS = ("gate", "wait", "queue", "off_shift", "work", "lead")  # of elapsed time
ALL = "all"  # all classes that are no background duty


@dataclass(frozen=True)
class Measure:
    """`by` names the columns that tell the rows of a measure apart. `better` is 'up', 'down' or 'neither'."""

    name: str
    en: str
    zh: str
    unit: Literal["share", "hours", "days", "count", "ratio", "yuan"]
    of_en: str
    of_zh: str
    better: Literal["up", "down", "neither"]
    by: tuple[str, ...] = ()

    def label(self, lang: str = "en") -> str:
        return self.zh if lang == "zh" else self.en

    def of(self, lang: str = "en") -> str:
        """The denominator (or what the number is a sum or quantile over), in words."""
        return self.of_zh if lang == "zh" else self.of_en


_COLLECTED = ("incidents found in the window, except ends that do not count", "窗口内采集的事件（不计入分母的结局除外）")
_COHORT = ("incidents found at least so many days before the census", "普查日前至少这么多天采集的事件")
_FOUND = ("incidents found in the window", "窗口内采集的事件")
_REACH = ("incidents that reached the level", "到达该层级的事件")
_TRIAGE = ("triage visits entered in the window and due before the census", "窗口内进入、普查日前到期的研判")
_TRIAGE_DONE = ("triage visits entered in the window and done", "窗口内进入并完成的研判")
_TRIAGED = ("incidents that reached a triage stage and were triaged", "进入并完成研判的事件")
_TIMED = ("incidents found in the window; what is open counts as not yet closed", "窗口内采集的事件（未结者按尚未办结计）")
_CLOSED = ("incidents found in the window and closed", "窗口内采集并已办结的事件")
_YEAR = ("all people of the team, per year of the window", "该队伍全体，按年折算")

_ALL = (
    Measure("collected", "Incidents collected", "采集事件数", "count", *_FOUND, "neither", ("class",)),
    Measure("headline_closure", "Headline closure rate at the census", "办结率（普查日）", "share", *_COLLECTED, "neither", ("class",)),
    Measure("cohort_closure", "Closed within so many days", "按期办结率（同批）", "share", *_COHORT, "up", ("class", "days")),
    Measure("settled_at_or_below", "Settled at or below the level", "在该层级及以下解决", "share", *_FOUND, "neither", ("class", "level")),
    Measure("settled_of_reached", "Settled at the level, of those that reach it", "到达该层级者在该层级解决", "share", *_REACH, "neither", ("class", "level")),
    Measure("time_to_triage_median", "Time to first triage, median", "首次研判用时（中位数）", "hours", *_TRIAGED, "down", ("class",)),
    Measure("time_to_triage_p90", "Time to first triage, 90 %", "首次研判用时（90分位）", "hours", *_TRIAGED, "down", ("class",)),
    Measure("triage_delay_median", "Triage: from entry to done, median", "研判环节用时（中位数）", "hours", *_TRIAGE_DONE, "down", ("level",)),
    Measure("triage_delay_p90", "Triage: from entry to done, 90 %", "研判环节用时（90分位）", "hours", *_TRIAGE_DONE, "down", ("level",)),
    Measure("time_to_closure_median", "Time to closure, median", "办结用时（中位数）", "hours", *_TIMED, "down", ("class",)),
    Measure("time_to_closure_p90", "Time to closure, 90 %", "办结用时（90分位）", "hours", *_TIMED, "down", ("class",)),
    Measure("same_day_triage", "Triaged by midnight of the day it came", "当日研判（研判不隔夜）", "share", *_TRIAGE, "up", ("level",)),
    Measure("due_met", "Left by its due", "按时限完成", "share", "visits with a due before the census", "普查日前到期的环节", "up", ("stage",)),
    Measure("overdue", "Visits past their due", "逾期环节数", "count", "visits with a due before the census", "普查日前到期的环节", "down", ("stage",)),
    Measure("off_hours_presence", "Presence outside regular hours", "正常时间外在岗", "hours", *_YEAR, "down", ("team",)),
    Measure("off_hours_triage_work", "Triage work outside regular hours", "正常时间外研判工时", "hours", *_YEAR, "down", ("team",)),
    Measure("rostered_hours", "Rostered hours", "在岗工时", "hours", *_YEAR, "neither", ("team",)),
    Measure("engaged_hours", "Engaged hours", "处置工时", "hours", *_YEAR, "neither", ("team",)),
    Measure("cost", "Cost of rostered hours", "在岗人工成本", "yuan", *_YEAR, "down", ("team",)),
    Measure("evenings_per_person", "Evenings on duty per person and month", "人均每月值守晚数", "count", "people of the team, months of the window", "该队伍人员、窗口月数", "down", ("team",)),
    Measure("elapsed", "Where elapsed time goes", "用时构成", "hours", "mean per incident found in the window", "窗口内采集事件的平均", "down", ("part",)),
    Measure("open_stock", "Open at the census", "普查日未结数", "count", *_FOUND, "down", ("class",)),
    Measure("peak_stock", "Most that were open at a midnight", "未结数峰值（每日零点）", "count", *_FOUND, "down"),
    Measure("open_age_median", "Age of what is open, median", "未结事件存续（中位数）", "days", "incidents open at the census", "普查日未结事件", "down"),
    Measure("hops", "Stages visited per incident", "每件经历环节数", "ratio", *_FOUND, "neither"),
    Measure("send_backs", "Moves to a lower level per incident", "每件退回下级次数", "ratio", *_FOUND, "down"),
    Measure("hidden", "Born and never found", "未被发现", "count", "incidents born by the census", "普查日前发生的事件", "down"),
    Measure("solved", "Really solved", "真正化解", "share", *_CLOSED, "up"),
    Measure("satisfied", "Satisfied", "满意", "share", "return visits that were answered", "有回应的回访", "up"),
    Measure("reopened", "Reopened", "重办", "share", *_CLOSED, "down"),
    Measure("returned", "Came back as a new incident", "重复发生", "share", *_CLOSED, "down"),
    Measure("inequality", "Inequality of engaged hours between nodes", "节点间工作量不均（基尼系数）", "ratio", "people of the team at each node", "各节点该队伍人员", "down", ("team",)),
)

MEASURES: dict[str, Measure] = {measure.name: measure for measure in _ALL}
