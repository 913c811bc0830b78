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
# # How far can unit leaders be merged?
#
# **摘要** 单元长几乎没有一天忙于处置事件，只算忙闲的模型会认为大部分单元长可以裁并。合并真正损失的是另外两样：就地化解的把握，以及无人上报、要靠单元长发现的纠纷。
# 本笔记逐步把439个单元合并到33个，画出剂量曲线，并看清哪一个假设左右结论。登记的纠纷变少、平台数字变好，可能恰恰因为没有人发现纠纷。
#
# Dongxing has 439 unit leaders (单元长) for 10,000 residents. They are unpaid, hard to find, and hardly ever busy. Could there be fewer?

# %%
from pathlib import Path

import pandas as pd
from matplotlib import pyplot as plt

import simgov

folder = next(p / "scenarios" for p in (Path.cwd(), *Path.cwd().parents) if (p / "scenarios" / "dongxing.yaml").is_file())
now = simgov.run(simgov.load(folder / "dongxing.yaml"), replications=4, seed=1, engine="compiled")  # compiled once on a machine, then ten times as fast
busy = now.value("engaged_hours", team="unit_leader") / now.value("rostered_hours", team="unit_leader")
pd.Series({"hours in which leaders can be found": now.value("rostered_hours", team="unit_leader"), "hours of work on events": now.value("engaged_hours", team="unit_leader"), "share": busy}).round(4)

# %%
assert busy < 0.01
assert now.scenario.levels["unit"].count == 439
assert now.scenario.residents == 10000
assert now.scenario.stages["prehandle"].span.per_doubling == -0.2
assert now.scenario.origins["stages", "prehandle", "span", "per_doubling"].says == [-0.65, 0]

# %% [markdown]
# Work on events fills less than 1 % of the hours at which they can be found. A model of queues alone would stop here and merge nearly all of them. What does it leave out?
#
# * With twice the residents, a leader knows people less well and settles a little less: `span`, an assumption of -0.2 in log-odds a doubling, within -0.65 to 0.
# * Disputes that nobody reports have to be *noticed*. Half the leaders notice half as much.
#
# ## The dose curve
#
# The study `q1_leaders.yaml` has both. Four times as many disputes arise as are registered; a search finds some of them, the slower the more residents a leader has.

# %%
study = folder / "studies" / "q1_leaders.yaml"
comparison = simgov.compare(study, replications=8, seed=1, engine="compiled")
comparison.figure()

# %%
values = comparison.values.query("measure in ('settled_at_or_below', 'hidden', 'collected')")
settled = values[(values["measure"] == "settled_at_or_below") & (values["level"] == "community")].set_index("policy")
hidden = values[values["measure"] == "hidden"].set_index("policy")["value"]
registered = values[values["measure"] == "collected"].set_index("policy")["value"]
pd.DataFrame({"settled up to the community": settled["value"], "disputes hidden": hidden, "disputes registered": registered}).round(3)

# %%
assert (settled["bound"] == "meets it").all()  # the reported 90 % is met by every number of leaders
assert settled["low"].min() > 0.9
grid = values[(values["measure"] == "settled_at_or_below") & (values["level"] == "grid")].set_index("policy")
assert grid.loc["leaders=33", "high"] < 0.9 < grid.loc["leaders=439", "value"]
assert hidden["leaders=33"] > 1.25 * hidden["leaders=439"]
assert registered["leaders=33"] < 0.2 * registered["leaders=439"]

# %% [markdown]
# With 33 leaders, one a grid, the 90 % of the newspaper is still met, if “the first line” reaches up to the community; read as up to the grid, it is not. But fewer than 20 % of the disputes that were registered are registered now, and there are more than 1.25 times as many hidden ones.
#
# Look at this pair twice. *Fewer disputes on the books* is what a platform would report as success. Here it is blindness: just as many arise, by construction.

# %%
figure, axes = plt.subplots(figsize=(7, 3.2), layout="tight")
leaders = [int(name.partition("=")[2]) for name in hidden.index]
axes.plot(leaders, registered, marker="o", label="registered")
axes.plot(leaders, hidden, marker="o", label="never found")
axes.set(xlabel="unit leaders", ylabel="disputes in the window", title="The same disputes arise everywhere", ylim=(0, None), xscale="log", xticks=leaders, xticklabels=leaders)
axes.minorticks_off()
axes.legend(frameon=False)
plt.close(figure)  # shown once, by the last line
figure

# %% [markdown]
# ## Which assumption decides?
#
# How fast does noticing fall with the span? `exponent` 1 says: in proportion. No source says so; it may be anything from 0 (a neighbour tells somebody anyway) to 1.5.

# %%
def found(exponent):
    """Disputes registered with one leader a grid, as a share of those with 439."""
    quick = {
        "schema": 1,
        "scenario": str((folder / "dongxing.yaml").resolve()),
        "set": {
            "classes.dispute.arrivals.rate": 0.04,
            "classes.dispute.found": {"hazard_per_day": 0.0019, "team": "unit_leader", "reference": 22.8, "exponent": exponent},
        },
        "policies": {"now": {}, "merged": {"set": {"levels.unit.count": 33}}},
        "measures": [{"measure": "collected", "where": {"class": "dispute"}}],
    }
    value = simgov.compare(quick, replications=4, seed=1, engine="compiled").values.set_index("policy")["value"]
    return value["merged"] / value["now"]


kept = pd.Series({exponent: found(exponent) for exponent in (0, 1, 1.5)}, name="registered, of what was")
kept.round(2)

# %%
assert abs(kept[0] - 1) < 0.05
assert kept[1.5] < 0.1
assert kept.is_monotonic_decreasing

# %% [markdown]
# From *nothing is lost* to *nearly all is lost*, within the range of one number that nobody has measured. So the answer to the question of this notebook is not a number of leaders. It is: **measure the exponent first**, for instance by comparing units of different size in one town.
#
# ## What to conclude, and what not
#
# * Load is no reason to keep leaders, and no reason to merge them: they are not there to be busy.
# * The reported 90 % tells 439 leaders from 33 only if somebody says what “the first line” is.
# * Not concluded: that 439 is right. Nor that a leader is worth so many disputes: a hidden dispute never fades away in this model, and no other channel brings it to light.
#
# ## Exercise
#
# Let grid workers notice, too: set `classes.dispute.found.team` to `grid_worker` and `reference` to the residents of a grid. What does merging units cost now? Which of the two readings fits your place?
