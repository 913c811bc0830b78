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
# # Your own place, from an organisation chart
#
# **摘要** 从一张组织架构表（编号、上级、层级、居民人数，以及各队伍人数）出发，回答几个问题，得到一个可以立即运行的情景文件。没有回答的数字都注明是假设及其范围。
# 本笔记以虚构的西街街道为例：其中一个网格没有网格员，看看那里的事件由谁处置、要等多久。
#
# You have a table of who works where, as the personnel office keeps it. What does simgov make of it, and what does it show that the table does not?

# %%
import tempfile
from datetime import date
from pathlib import Path

import pandas as pd
from matplotlib import pyplot as plt

import simgov
from simgov import interview

# %% [markdown]
# ## The chart
#
# One row per node: what it is called, what it belongs to, its level, the residents of the lowest nodes, and the people of each team. This one is made up: three communities, each of three grids with eight units. One grid has lost its worker.

# %%
rows = [{"id": "West Street", "parent": "", "level": "street", "police": 3, "urban management": 4}]
for community, staff in {"East Gate": 4, "Old Market": 3, "Riverside": 2}.items():
    rows.append({"id": community, "parent": "West Street", "level": "community", "community staff": staff})
    for g in (1, 2, 3):
        grid = f"{community} {g}"
        rows.append({"id": grid, "parent": community, "level": "grid", "grid worker": 0 if grid == "Riverside 3" else 1})
        rows += [{"id": f"{grid}-{u}", "parent": grid, "level": "unit", "residents": 70 + 5 * u, "unit leader": 1} for u in range(1, 9)]

folder = Path(tempfile.mkdtemp())
chart = pd.DataFrame(rows).convert_dtypes()
chart.to_csv(folder / "chart.csv", index=False)
chart.groupby("level")[["residents", "unit leader", "grid worker", "community staff", "police", "urban management"]].sum()

# %% [markdown]
# ## Ten questions
#
# `simgov new` asks on the screen. Here the answers lie in a file, in the words that one would type. What is not answered keeps its default and becomes an assumption with a range.

# %%
(folder / "answers.yaml").write_text(
    """\
place: West Street
teller: personnel office and platform of West Street
period: 2025-01-01 to 2025-07-01
levels: chart.csv
matters: {incident: 3600, dispute: 160}
rule: cut_off
""",
    encoding="utf-8",
)
answers = interview.answers_of(folder / "answers.yaml", "en", date.today())
written = interview.save(answers, folder / "west_street.yaml")
[path.name for path in written]

# %%
scenario = simgov.load(folder / "west_street.yaml")
kinds = pd.Series([origin.kind for origin in scenario.origins.values()]).value_counts()
assert answers.residents == 6660
assert kinds["assumption"] > 5 * kinds["source"]
kinds

# %% [markdown]
# 6,660 residents, and far more assumptions than facts: more than 5 for each. This is normal for a beginning, and the file says it of every number. `simgov explain west_street.yaml` prints what was understood.
#
# ## A first run

# %%
result = simgov.run(scenario, replications=6, seed=1)
result.figure("closure")

# %%
load = pd.DataFrame({team: {"rostered hours": result.value("rostered_hours", team=team), "engaged hours": result.value("engaged_hours", team=team)} for team in scenario.teams}).T
load["share"] = load["engaged hours"] / load["rostered hours"]
load.round(2)

# %%
assert load.loc["unit_leader", "share"] < 0.1
assert (load.drop("unit_leader")["share"] > 0.5).all()
own = result.work.merge(result.incidents[["replication", "incident", "class"]], on=["replication", "incident"])
own["hours"] = (own["regular_seconds"] + own["off_hours_seconds"]) / 3600
other = 1 - own[own["class"].isin(["incident", "dispute"])].groupby("team", observed=True)["hours"].sum() / own.groupby("team", observed=True)["hours"].sum()
assert (other.drop("unit_leader").fillna(1) > 0.8).all()  # what is no incident

# %% [markdown]
# Unit leaders work in less than 10 % of the hours at which they can be found; everybody with an office is busy for more than 50 % of theirs (duty seats included), nearly all of it with other duties.
#
# ## The grid without a worker
#
# Who handles what comes from there? A team is found at the nearest node upward that has people. Above an empty grid there is none: the matter waits.

# %%
incidents = result.incidents[result.incidents["class"].isin(["incident", "dispute"])].copy()
incidents["grid"] = incidents["home"].astype(str).str.rpartition("-")[0]
late = incidents["closed"].isna() | (incidents["closed"] - incidents["found"] > pd.Timedelta(days=7))
share = late.groupby(incidents["grid"]).mean().sort_values()

figure, axes = plt.subplots(figsize=(7, 3.2), layout="tight")
share.plot.barh(ax=axes, color=["#cc3311" if grid == "Riverside 3" else "#4477aa" for grid in share.index])
axes.set(xlabel="share of matters not closed within 7 days", ylabel="", title="Where matters lie")
plt.close(figure)  # shown once, by the last line
figure

# %%
assert share.idxmax() == "Riverside 3"
assert share["Riverside 3"] > 2 * share.drop("Riverside 3").max()
assert late.mean() - late[incidents["grid"] != "Riverside 3"].mean() < 0.02

# %% [markdown]
# More than 2 times the share of any other grid. In the whole street it hardly shows: without that grid the share would be lower by less than 0.02, because one grid in nine is a small part of every rate.
#
# ## What would a change do?
#
# Two repairs: hire a worker there, or let what lies for a day go on to the community. The first is a cell of the table, the second a line of the procedure.

# %%
table = pd.read_csv(folder / "west_street_nodes.csv")
table.loc[table["node"] == "Riverside 3", "grid_worker"] = 1
table.astype({"residents": "Int64", "unit_leader": "Int64", "grid_worker": "Int64", "community_staff": "Int64", "police": "Int64", "urban_management": "Int64"}).to_csv(folder / "hired.csv", index=False)
study = {
    "schema": 1,
    "title": "A grid without a worker",
    "scenario": str(folder / "west_street.yaml"),
    "policies": {
        "as_is": {"label": "as it is"},
        "hired": {"label": "a worker is hired", "set": {"nodes": "hired.csv"}},
        "passed_on": {"label": "passed on after a day", "set": {"stages.grid_handle.due": {"at": "1 day", "then": {"move": "community_triage"}}}},
    },
    "measures": [{"measure": "cohort_closure", "where": {"days": 7}}],
}
comparison = simgov.compare(study, replications=6, seed=1)
comparison.differences[["policy", "difference", "low", "high", "verdict"]]

# %%
verdicts = comparison.differences.set_index("policy")["verdict"]
assert (verdicts == "more").all()
comparison.figure()

# %% [markdown]
# Both help, and the run says by how much and how surely.
#
# ## What to conclude, and what not
#
# * The chart alone gives tree, people and residents. Hours, chances and durations are assumptions until somebody measures them; `simgov sensitivity west_street.yaml` names the ones to begin with.
# * Differences between policies are safer than levels: both meet the same incidents, and most assumptions hold for both.
# * Not concluded: anything about persons. Head-counts are all that is read; names of people do not belong into the table.
#
# ## Exercise
#
# Replace the chart by one of your own place, with the same first four columns. Answer one more question in `answers.yaml` (`grid_worker: office`, say, or `reported: 98 %`), and see in `scenario.origins` who now says it.
