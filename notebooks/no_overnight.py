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
# # No assessment overnight: what it buys and costs
#
# **摘要** “研判不隔夜”要求当天采集的事件当天研判。原文没有说明“夜”从何时起算，这里比较四种理解：仅工作时间、一昼夜内、17:30前进入的19:00前、当日零点前。换来的是首次研判提前若干小时；
# 付出的是下班后的值守，其中真正用于研判的时间不到百分之一二。办结时间几乎不变：大多数事件不经研判就已办结，处置也仍在工作时间进行。结论取决于假设，不是对任何人或地方的评价。
#
# The rule says: every event, at every level, assessed on the day it comes (研判不隔夜). It is a rule on *assessment*, not on handling, and its source does not say when the night begins. So we compare four readings. What is bought? What is paid?

# %%
from pathlib import Path
from textwrap import fill

import pandas as pd
from matplotlib import pyplot as plt

import simgov

folder = next(p / "scenarios" for p in (Path.cwd(), *Path.cwd().parents) if (p / "scenarios" / "dongxing.yaml").is_file())
comparison = simgov.compare(folder / "studies" / "q2_overnight.yaml", replications=8, seed=1, engine="compiled")  # compiled once on a machine, then ten times as fast
comparison

# %% [markdown]
# A *study* names policies of one scenario. All of them meet the same incidents with the same luck, so a difference between two policies is the policies' doing. The answer in sentences:

# %%
print(fill(comparison.answer(), 80))  # noqa: T201

# %% [markdown]
# ## What is bought: hours at the assessment

# %%
differences = comparison.differences.set_index(["measure", "policy"])[["difference", "low", "high", "verdict"]]
differences.loc["time_to_triage_median"].round(2)

# %%
triage = differences.loc["time_to_triage_median"]
assert (triage["difference"] < 0).all()
assert triage.loc["midnight", "high"] < 0  # the strictest reading is surely faster than office hours
assert triage["difference"].idxmin() == "midnight"

# %% [markdown]
# Staying until midnight surely brings the first assessment forward. The `low` and `high` are *joint* intervals: they hold for all three policies together, so that trying many does not find something by luck.
#
# ## What is paid: presence
#
# A duty is presence: somebody sits there whether or not anything comes.

# %%
values = comparison.values.query("policy != ''").pivot_table(index="policy", columns="measure", values="value", sort=False)
paid = values[["off_hours_presence", "off_hours_triage_work", "evenings_per_person"]]
paid.round(1)

# %%
assert paid.loc["midnight", "off_hours_presence"] > 3000  # hours a year, for one community of four people
assert paid.loc["midnight", "off_hours_triage_work"] < 0.02 * paid.loc["midnight", "off_hours_presence"]

# %% [markdown]
# Before midnight means more than 3,000 hours of presence a year in one community, of which less than 2 % is assessment. Presence is the price; work is not.

# %%
comparison.figure()

# %% [markdown]
# To the left is cheap, at the bottom is fast. No reading is best at both; which point is right is a decision, not a computation.
#
# ## Does the resident notice?
#
# What was assessed at night is handled in office hours all the same.

# %%
closure = comparison.differences.query("measure in ('time_to_closure_p90', 'cohort_closure', 'elapsed')")[["measure", "policy", "difference", "low", "high", "verdict"]]
closure.round(4)

# %%
ends, waiting = closure[closure["measure"] != "elapsed"], closure[closure["measure"] == "elapsed"]
assert (ends["verdict"] == "the same").all()  # in every single replication, not only on average
assert (waiting["verdict"] == "less").all()
assert waiting["low"].min() > -0.2  # hours, the far end of the widest interval

# %% [markdown]
# Whatever the reading, the time within which nine in ten matters are closed and the share of disputes closed within a month are the same, in every single replication. The wait for somebody to be on shift does become shorter, by less than 0.2 hours in the mean over all matters, the ends of the intervals included. Few matters come to an assessment at all, and the rest of their time is elsewhere. Where?

# %%
run = simgov.run(simgov.load(folder / "dongxing.yaml", changes=["midnight"]), replications=4, seed=1, engine="compiled")
elapsed = pd.Series({part: run.value("elapsed", part=part) for part in ("queue", "off_shift", "work", "wait", "lead")})
figure, axes = plt.subplots(figsize=(7, 2.6), layout="tight")
elapsed.plot.barh(ax=axes, color="#4477aa")
axes.set(xlabel="hours per event, mean", title="Where elapsed time goes, with triage before midnight")
axes.invert_yaxis()
plt.close(figure)  # shown once, by the last line
figure

# %%
assert elapsed["lead"] > elapsed.drop("lead").sum()
matters = run.incidents.loc[lambda t: t["class"].isin(["ordinary", "dispute"]) & t["found"].notna(), ["replication", "incident"]]
assessed = run.visits.loc[lambda t: t["stage"].astype(str).str.endswith("_triage"), ["replication", "incident"]].drop_duplicates()
assert len(matters.merge(assessed)) < 0.12 * len(matters)

# %% [markdown]
# Into `lead`: papers, cooling off, a party's answer, money. It is more than all the rest together; and fewer than 12 % of the matters ever see an assessment. That no duty seat shortens it follows from the file and is no finding: lead times are assumptions, and nothing in the procedure makes them depend on the hour of the assessment.
#
# ## What to conclude, and what not
#
# * The rule does what it says, at the stage it is about. It buys hours before the first assessment, and hardly any of them reach the closing.
# * Its price must be told as presence. Told as work it looks free.
# * Not concluded: that the rule is useless. What an early assessment is worth where a delay does harm (a gas leak, a threat) is not in this scenario; nor is the chance that whoever assesses at night is tired. What is left at zero is an assumption, not a finding.
# * Eight replications are few. `--precision` goes on until the interval is as narrow as you ask for.
#
# ## Exercise
#
# Who sits there matters. Write a study with a policy `two` that sets `teams.community.duty.people` to 2 under `change: [midnight]`. Does a second person on duty buy anything? What does `evenings_per_person` say?
