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
# Dongxing community (东星社区) in Putian: 10,000 residents, 33 grids, 439 units. We ask what its "no overnight" chain
# (研判不隔夜) does between May 2022 and March 2023, and look at what happened to single incidents.

# %%
from pathlib import Path

import simgov

folder = next(p for p in (Path("scenarios"), Path("../scenarios")) if p.is_dir())
scenario = simgov.load(folder / "dongxing.yaml")
scenario

# %% [markdown]
# ## The main job
#
# A *replication* is one possible course of the window. Six give a first impression; reports use thirty or more.

# %%
result = simgov.run(scenario, replications=6, seed=1)
result

# %% [markdown]
# What was reported, and what comes out. A target is met when the reported figure lies where a single window would
# lie in 95 of 100 cases, and the replications are enough to know that range.

# %%
result.targets

# %%
result.figure("closure")

# %% [markdown]
# The dots on the right are the headline rates (办结率): closed of collected at the census. They are censored, because incidents of the last
# days count against them. The curve on the left says how fast incidents are closed, whenever they came.

# %%
[result.value("cohort_closure", days=days) for days in (1, 3, 7, 30)], result.value("headline_closure")

# %% [markdown]
# ## The journal
#
# Three flat tables say what happened: incidents, visits (an incident at a stage) and work (a person engaged). Everything above is derived from them.

# %%
columns = ["incident", "class", "found", "closed", "solved", "verified", "reopened", "how"]
result.incidents.loc[lambda t: (t["replication"] == 0) & (t["class"] == "dispute"), columns].head(8)

# %% [markdown]
# The life of one incident that went up the chain: when it entered each stage, when somebody started, when it left, and how.

# %%
visits = result.visits.loc[lambda t: (t["replication"] == 0) & (t["part"] == 0)]
travelled = visits.groupby("incident").size().idxmax()
visits.loc[visits["incident"] == travelled, ["stage", "team", "entered", "started", "finished", "left", "result", "target"]]

# %% [markdown]
# Who did the work, and was it in regular hours?

# %%
work = result.work.groupby("team", observed=True)[["regular_seconds", "off_hours_seconds"]].sum() / 3600 / result.replications
work.rename(columns=lambda name: name.replace("seconds", "hours")).round(1)

# %% [markdown]
# ## What the rule buys and costs
#
# The file has four readings of "no overnight". The same seed means the same incidents, so a difference between two runs is the difference between two rules.

# %%
import pandas as pd

rows = {}
for variant in ("midnight", "cut_off", "clock_24h", "off"):
    run = simgov.run(simgov.load(folder / "dongxing.yaml", changes=[variant]), replications=3, seed=1)
    rows[variant] = {
        "triaged the same day": run.value("same_day_triage", level="community"),
        "time to first triage, median h": run.value("time_to_triage_median"),
        "presence outside hours, h a year": run.value("off_hours_presence", team="community"),
        "triage work in it, h a year": run.value("off_hours_triage_work", team="community"),
        "incidents collected": run.value("collected"),
    }
pd.DataFrame(rows).T.round(2)

# %% [markdown]
# The price is presence, not work: somebody sits there for hundreds of hours so that a few hours of assessment need not wait.

# %%
result.figure("waiting")
