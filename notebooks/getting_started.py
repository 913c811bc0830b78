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
# # Getting started: one community, end to end
#
# **摘要** 东星社区（莆田）约一万名居民、33个网格、439个单元。本笔记模拟2022年5月至2023年3月的“研判不隔夜”链条：先看公布的数字与模拟结果是否相符，再看一件事从采集到办结经过哪些环节、等了多久、由谁办理，
# 最后换一种研判时限，看看同一批事件有何不同。模拟结果取决于假设，不是对任何人或地方的评价。
#
# What does the "no overnight" chain (研判不隔夜) of Dongxing community (东星社区) do between May 2022 and March 2023? We run it, hold it against what was reported, and follow single incidents.

# %%
from pathlib import Path

import pandas as pd

import simgov

folder = next(p / "scenarios" for p in (Path.cwd(), *Path.cwd().parents) if (p / "scenarios" / "dongxing.yaml").is_file())
scenario = simgov.load(folder / "dongxing.yaml")
assert (scenario.levels["grid"].count, scenario.levels["unit"].count) == (33, 439)
scenario

# %% [markdown]
# ## The main job
#
# A *replication* is one possible course of the window: the same rules and people, other luck. Four give a first impression; reports use thirty or more.

# %%
result = simgov.run(scenario, replications=4, seed=1)
result.targets

# %% [markdown]
# Three figures were reported, each of something else. A target is met when the reported figure lies where a single window would nearly always lie, and the replications are enough to know that range; four may be too few.

# %%
headline, week = result.value("headline_closure"), result.value("cohort_closure", days=7)
assert abs(headline - 0.9928) < 0.005
assert 0.93 < week < headline
result.figure("closure")

# %% [markdown]
# The dot on the right is the headline rate (办结率), closed of collected at the census, near the reported 99.28 %. It is censored: incidents of the last days count against it. The curve says how fast incidents are closed, whenever they came.
#
# ## The journal
#
# Three flat tables say what happened: incidents, visits (an incident at a stage) and work (a person engaged). Every number above is derived from them. Here are the first disputes of one replication:

# %%
columns = ["incident", "class", "found", "closed", "solved", "verified", "reopened", "how"]
result.incidents.loc[lambda t: (t["replication"] == 0) & (t["class"] == "dispute"), columns].head(5)

# %% [markdown]
# *Closed* 办结, *solved* 化解, *satisfied* 满意 and *reopened* are four facts and never one. And this is the life of the incident that went through most hands: when it entered each stage, when somebody started, when it left, and how.

# %%
visits = result.visits.loc[lambda t: (t["replication"] == 0) & (t["part"] == 0)]
travelled = visits.groupby("incident").size().idxmax()
visits.loc[visits["incident"] == travelled, ["stage", "team", "entered", "started", "finished", "left", "result", "target"]]

# %% [markdown]
# Who does the work on all incidents, and is it in regular hours?

# %%
incidents = result.incidents.loc[lambda t: t["class"].isin(["ordinary", "dispute"]), ["replication", "incident"]]
work = result.work.merge(incidents, on=["replication", "incident"])
hours = work.groupby("team", observed=True)[["regular_seconds", "off_hours_seconds"]].sum() / 3600 / result.replications
hours.columns = ["regular hours", "off hours"]
hours.round(1)

# %%
leaders = hours.loc["unit_leader"]
assert hours.sum(axis=1).idxmax() == "unit_leader"
assert leaders["off hours"] > leaders["regular hours"]

# %% [markdown]
# Most of the hours are those of unit leaders, unpaid, and most of these fall outside their regular hours. That much is the run; why it comes out so was put in: two hours a day in which a leader can be counted on (`P-22`), and the chance of reaching one by telephone at other times (`P-23`), are assumptions of the file. And at which level do incidents end?

# %%
result.figure("chain")

# %% [markdown]
# ## Another rule, the same incidents
#
# The file holds four readings of "no overnight". The same seed means the same incidents with the same luck, so a difference between two runs is a difference between two rules.

# %%
rows = {}
for variant in ("off", "cut_off", "midnight"):
    run = simgov.run(simgov.load(folder / "dongxing.yaml", changes=[variant]), replications=2, seed=1)
    rows[variant] = {
        "incidents collected": run.value("collected"),
        "triaged the same day": run.value("same_day_triage", level="community"),
        "presence outside hours, h a year": run.value("off_hours_presence", team="community"),
        "triage work in it, h a year": run.value("off_hours_triage_work", team="community"),
    }
rules = pd.DataFrame(rows).T
rules.round(2)

# %%
assert rules["incidents collected"].nunique() == 1
assert rules.loc["midnight", "triaged the same day"] > rules.loc["off", "triaged the same day"] + 0.2
assert rules.loc["midnight", "triage work in it, h a year"] < 0.02 * rules.loc["midnight", "presence outside hours, h a year"]

# %% [markdown]
# Triage before midnight lifts the share that is assessed on the same day by more than 0.2. The price is presence: of the hours that somebody sits there, less than 2 % is assessment. The notebook `no_overnight` follows this up.
#
# ## What to conclude, and what not
#
# * A scenario is a file; a run is a table of measures with intervals and a journal in which each of them can be checked.
# * The run meets the headline. That makes the scenario possible, not true: `what_99_can_tell` shows how many others would meet it.
# * Not concluded: anything about persons. simgov compares procedures and staffing.
#
# ## Exercise
#
# Give the community six people instead of four: `simgov.load(file, {"teams.community.people": 6})`. What moves, and what does not? Look at `run.value("elapsed", part="queue")` before you answer.
