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
# # What 99.28 % can tell, and what it cannot
#
# **摘要** 一座城市公布“办结率99.28%”。本笔记用东星社区的模拟说明：这个数字看得出什么、看不出什么。它是截至统计日的比例，新近的事件还来不及办结，统计期越长数字越好看；
# 三个公布的比例分母各不相同，不能相乘；就地办结的比例从五成提高到九成，办结率只差不到一个百分点，未办结的却少了一半以上：这个数字能排除五成和七成，却分不出八成和九成。能说明快慢的是按采集日起算的办结曲线。
#
# A newspaper reports that 99.28 % of all events are closed (办结率). Is that good? Is it fast? And which procedure gave it? We simulate a community in which everything is known, and look at the same headline from three sides.

# %%
from pathlib import Path

import pandas as pd
from matplotlib import pyplot as plt

import simgov

REPORTED = 0.9928
FEW = {"replications": 6, "seed": 1, "engine": "compiled"}  # compiled once on a machine, then ten times as fast
file = next(p / "scenarios" for p in (Path.cwd(), *Path.cwd().parents) if (p / "scenarios" / "dongxing.yaml").is_file()) / "dongxing.yaml"
result = simgov.run(simgov.load(file), **FEW)

# %% [markdown]
# ## Three rates, three denominators
#
# The same newspapers give three figures: 60 % of disputes settled by unit leaders, 90 % and more of all events settled at the first line, and the headline. Each counts something of something else.

# %%
rates = pd.DataFrame(
    {
        "settled by the unit leader, of disputes that reach one": ("settled_of_reached", {"class": "dispute", "level": "unit"}, 0.6),
        "settled up to the community, of everything collected": ("settled_at_or_below", {"level": "community"}, 0.9),
        "closed at the census, of everything collected": ("headline_closure", {}, REPORTED),
    },
    index=["measure", "where", "reported"],
).T
rates["simulated"] = [result.value(row.measure, **row["where"]) for _, row in rates.iterrows()]
rates["n in one window"] = [
    result.measures.query("measure == @row.measure and `class` == @cls and level == @level")["denominator"].iloc[0]
    for _, row in rates.iterrows()
    for cls, level in [(row["where"].get("class", "all"), row["where"].get("level", ""))]
]
rates[["reported", "simulated", "n in one window"]].round(4)

# %%
disputes, everything = rates["n in one window"].iloc[0], rates["n in one window"].iloc[-1]
assert disputes < everything / 20  # the first rate is about a small part of what the others are about
assert abs(rates["simulated"].iloc[0] * rates["simulated"].iloc[1] - rates["simulated"].iloc[2]) > 0.3  # no product of two gives the third

# %% [markdown]
# The first rate is about some dozens of disputes, the other two about all events. They are never multiplied or nested: a matter that a leader did not settle may be closed by anybody else.
#
# ## The same work looks better in a longer window
#
# What came last week had no time to be closed, and counts against the rate. So we let the census come earlier, and change nothing else: the same incidents, the same people, the same luck.

# %%
censuses = ["2022-05-15", "2022-06-15", "2022-10-01", "2023-03-29"]
early = {end: simgov.run(simgov.load(file, {"period.end": end}), **FEW) for end in censuses}
window = pd.DataFrame({"headline": [r.value("headline_closure") for r in early.values()], "within 7 days": [r.value("cohort_closure", days=7) for r in early.values()]}, index=pd.to_datetime(censuses))

figure, axes = plt.subplots(figsize=(7, 3.4), layout="tight")
window.plot(ax=axes, marker="o", x_compat=True)
axes.axhline(REPORTED, color="grey", linestyle=":", label="reported")
axes.set(xlabel="day of the census", ylabel="share closed", title="One procedure, four censuses")
axes.legend(frameon=False)
plt.close(figure)  # shown once, by the last line
figure

# %%
gain = window["headline"].iloc[-1] - window["headline"].iloc[0]
assert gain > 0.01  # more than a point, for nothing
assert 0.15 < (window["within 7 days"].iloc[-1] - window["within 7 days"].iloc[0]) / gain < 0.35  # a quarter: who counts from the day it came sees little of it

# %% [markdown]
# The headline gains more than a point by waiting. The share closed within seven days, counted from the day each matter came, rises by about a quarter of that. That is why simgov never shows a headline without the closure curve beside it:

# %%
result.figure("closure")

# %% [markdown]
# ## Closed at once: what the headline rules out, and what it leaves
#
# How many matters does the unit leader close at once? No source says. We try four answers, and ask of each whether the reported headline lies where a single window would.

# %%
SHARE = "stages.prehandle.outcomes.ordinary.closed.chance"
rows = {}
verdicts = {}
for share in (0.5, 0.7, 0.8, 0.9):
    run = simgov.run(simgov.load(file, {SHARE: share}), **FEW | {"replications": 12})
    headline = run.value("headline_closure")
    rows[share] = {"headline": headline, "open": 1 - headline, "closed within 1 day": run.value("cohort_closure", days=1), "handled above the unit": 1 - run.value("settled_at_or_below", level="unit")}
    verdicts[share] = run.targets.set_index("measure").loc["headline_closure", "verdict"]
alike = pd.DataFrame(rows).T
alike.round(4).assign(reported=verdicts)

# %%
figure, axes = plt.subplots(figsize=(7, 3.2), layout="tight")
alike[["headline", "closed within 1 day"]].plot(ax=axes, marker="o")
axes.axhline(REPORTED, color="grey", linestyle=":")
axes.set(xlabel="share that the unit leader closes", ylabel="share", ylim=(0, 1.03), title="What the headline sees, and what it does not")
axes.legend(frameon=False)
plt.close(figure)  # shown once, by the last line
figure

# %%
spread = alike.max() - alike.min()
assert 0.005 < spread["headline"] < 0.01  # less than a point of headline
assert spread["closed within 1 day"] > 8 * spread["headline"]  # for very different places
assert alike.loc[0.5, "handled above the unit"] > 3 * alike.loc[0.9, "handled above the unit"]
assert alike.loc[0.5, "open"] > 2 * alike.loc[0.9, "open"]
assert verdicts == {0.5: "missed", 0.7: "missed", 0.8: "met", 0.9: "met"}
assert alike.loc[0.8, "handled above the unit"] > 1.7 * alike.loc[0.9, "handled above the unit"]

# %% [markdown]
# From 50 % to 90 %, the headline moves by less than a point, while offices above the unit have less than a third of the work. Every such place closes nearly everything in the end, and the headline counts ends.
#
# It is not blind. What is left *open* more than doubles from one end to the other, and a few matters more or less are enough to tell: the reported figure is missed at 50 % and 70 %. It is met at 80 % as well as at 90 %, and between these two the work above the unit differs by a factor of more than 1.7.
# So the figure rules out the low end and leaves the rest; `calibrate` says how much (the notebook `calibrate_and_propagate`).
#
# ## What to conclude, and what not
#
# * 99.28 % says that little was left open at one census. It does not say that things are fast, nor who did them, nor that they are solved: *closed* and *solved* are different facts of an incident.
# * A higher headline after a reform may be a longer window. Ask for the window.
# * Small differences near 100 % are large ones of what is open. Look at that side.
# * A figure with time in it (closed within seven days, a median) or with a level in it would tell what the headline cannot.
# * Not concluded: that the city's number is wrong. The simulated community was built from assumptions within ranges; it shows what such a figure *can* mean.
#
# ## Exercise
#
# Add a rate of closure for disputes alone (`run.value("headline_closure", **{"class": "dispute"})`) to the last table. Does it tell more than the headline of all events? Why does its interval in `run.measures` have another width?
