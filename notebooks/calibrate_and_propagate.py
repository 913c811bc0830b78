# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Calibrate, and propagate what stays unknown
#
# **摘要** 两个数字没有出处：网格员就地办结的比例、部门办理所需的时间。用公布的办结率去拟合，只能确定二者的某种组合，而不能分别确定；再加一个分母不同的数字（网格内了结的比例），两者都收窄。
# 最后把仍不确定的部分带入预测：一个统计期的波动有多少来自偶然，多少来自无知。
#
# Some numbers of a scenario have no source. Reported figures can narrow them: which ones, and how far? And what does the rest mean for a forecast?

# %%
from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt

import simgov
from simgov.calibration import calibrate, predict

# %% [markdown]
# ## A small place with two unknown numbers
#
# A grid worker closes some matters at once; the rest goes to a department, which takes its time. Neither the share nor the time is known, so both are marked `free` with a range.

# %%
SHARE, DAYS = "stages.grid.outcomes.closed.chance", "stages.office.lead.lognormal.median"


def place(*targets):
    """The scenario, to be held against some reported figures."""
    return simgov.build(
        {
            "schema": 1,
            "title": {"en": "A small place", "zh": "小地方"},
            "period": ["2025-01-01", "2025-07-01"],
            "residents": 8000,
            "levels": {"grid": 20, "town": 1},
            "calendars": {"office": "Mo-Fr 08:30-17:30"},
            "teams": {"worker": {"at": "grid", "hours": "office"}, "department": {"at": "town", "people": 6, "hours": "office"}},
            "classes": {"event": {"arrivals": {"rate": 0.6}, "enters": "grid"}},
            "stages": {
                "grid": {"by": "worker", "work": "30 min", "outcomes": {"closed": {"value": 0.7, "assumption": [0.3, 0.95], "free": True}}},
                "office": {
                    "by": "department",
                    "work": "2 h",
                    "lead": {"lognormal": {"median": {"value": "10 days", "assumption": ["2 days", "40 days"], "free": True}, "sigma": 0.8}},
                    "outcomes": {"closed": 0.99, "never": 0.01},
                },
            },
            "targets": list(targets),
        }
    )


# %% [markdown]
# The truth, which nobody in this place knows: 60 % are closed at once, and a department takes 6 days in the median. It gives these figures for a report:

# %%
TRUTH = {SHARE: 0.6, DAYS: "6 days"}
truth = simgov.run(simgov.build(place().data, TRUTH), replications=20, seed=99)
headline, at_once = truth.value("headline_closure"), truth.value("settled_at_or_below", level="grid")
HEADLINE = {"measure": "headline_closure", "value": round(headline, 4), "kind": "fit"}
AT_ONCE = {"measure": "settled_at_or_below", "where": {"level": "grid"}, "value": round(at_once, 2), "rounding": 0.005, "kind": "fit"}
pd.Series({"headline": headline, "settled in the grid": at_once}).round(4)

# %% [markdown]
# ## The headline alone
#
# Only the closure rate at the census is reported. `calibrate` looks at the whole ranges and keeps every setting that fits: the *posterior*.

# %%
alone = calibrate(place(HEADLINE), replications=4, seed=1, engine="compiled")
print(fill(alone.answer(), 80))  # noqa: T201

# %%
left = alone.table.set_index("path")["left"]
assert (left > 0.75).all()  # more than three quarters of each range
assert abs(alone.correlations.iloc[0, 1]) > 0.7
closed = alone.table.set_index("path").loc[SHARE.removesuffix(".chance")]
assert closed["low"] < 0.4
assert 0.85 < closed["high"] < 0.95
alone.figure()

# %% [markdown]
# More than three quarters of both ranges are left. A place that closes less than 40 % at once and has quick departments and one that closes more than 85 % at once and has slow ones report the same headline. Only a combination is pinned: what is passed on, times how long it takes.
#
# The fitted value of an open number is no finding. Whoever takes the best fit and goes on has invented something.
#
# ## One more figure, of another kind
#
# Somebody counts how many matters end in the grid.

# %%
both = calibrate(place(HEADLINE, AT_ONCE), replications=4, seed=1, engine="compiled")
print(fill(both.answer(), 80))  # noqa: T201

# %%
narrowed = both.table.set_index("path")
assert narrowed["left"].max() < 0.5 * left.min()
assert narrowed.loc[SHARE.removesuffix(".chance"), "low"] < 0.6 < narrowed.loc[SHARE.removesuffix(".chance"), "high"]
assert narrowed.loc[DAYS, "low"] < 6 * 86_400 < narrowed.loc[DAYS, "high"]
once = truth.summaries.query("measure == 'headline_closure' and `class` == 'all' and window == ''").eval("top / bottom")
by_chance = np.log(once / (1 - once)).std()  # of the headline, from half-year to half-year
assert 0.5 < by_chance / 0.2 < 2  # of the discrepancy
both.figure()

# %% [markdown]
# Both ranges shrink to less than half of what was left, and the truth (60 %, 6 days) lies within. Why are the intervals not narrower? For two reasons of about the same size. Another half-year of the same place would report another headline, and the model is granted an error of its own (`discrepancy`, 0.2 in log-odds): no scenario is the place.
#
# ## What it means for a forecast
#
# How many hours a year will the department work on what is passed on to it? The policy question behind it: how many people does it need?

# %%
forecasts = {}
for name, found in {"headline alone": alone, "both figures": both}.items():
    seen = predict(found.posterior, found.fitted_scenario(), "engaged_hours", where={"team": "department"}, draws=24, replications=4, engine="compiled", say=lambda _: None)
    forecasts[name] = seen.table.iloc[0][["value", "low", "high", "chance", "ignorance", "share"]]
pd.DataFrame(forecasts).T.astype(float).round(2)

# %%
table = pd.DataFrame(forecasts).T.astype(float)
figure, axes = plt.subplots(figsize=(7, 3), layout="tight")
axes.hlines(table.index, table["low"], table["high"], color="#cc3311", linewidth=6, label="one half-year, with what is unknown")
axes.hlines(table.index, table["value"] - 1.96 * table["chance"], table["value"] + 1.96 * table["chance"], color="#888888", linewidth=12, label="chance alone")
axes.plot(table["value"], table.index, "k|", markersize=16)
axes.set(xlabel="hours of work a year, department", title="Chance and ignorance", ylim=(-0.6, 1.6))
axes.legend(frameon=False, ncols=2, loc="upper center", bbox_to_anchor=(0.5, -0.25))
plt.close(figure)  # shown once, by the last line
figure

# %%
assert table["share"].min() > 0.75  # mostly ignorance, even with both
assert table.loc["both figures", "ignorance"] < 0.6 * table.loc["headline alone", "ignorance"]
assert (table["low"] < truth.value("engaged_hours", team="department")).all()
assert (table["high"] > truth.value("engaged_hours", team="department")).all()

# %% [markdown]
# The grey bar is *chance*: another half-year of the same place. No measuring removes it. What sticks out in red is *ignorance*: numbers that the figures leave open. More replications would narrow neither; a second figure narrows the red part.
#
# ## What to conclude, and what not
#
# * Ask of every calibration what it did **not** tell. An interval from a point fit leaves out most of what is unknown.
# * The cheapest way to a better forecast may be one more figure, of the right kind: one with a level or a time in it. What it gains depends on what is forecast: here it was
#   the department's hours. Ask `predict` for the measure that you need before you ask anybody for a figure.
# * Not concluded: that the model is right because it meets two figures with two free numbers. It had to.
#
# ## Exercise
#
# Replace the second figure by the share closed within seven days (`cohort_closure`, `where: {days: 7}`). Does it pin as much? Why does it hang together with the same combination as the headline?
