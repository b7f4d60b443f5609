# %% [markdown]
# # Castle doctrine: what a regression does with staggered starts
#
# Between 2005 and 2009, 21 states of the USA widened the right to use force at home. Cheng and Hoekstra (2013) asked
# whether homicides rose. The laws came in different years, which is where a plain two-way regression can mislead.

# %%
import csv
from pathlib import Path

import numpy as np

from commonbeat.evidence import stats

ROOT = next(p for p in (Path.cwd(), *Path.cwd().parents) if (p / "tests" / "evidence" / "data").exists())
with (ROOT / "tests" / "evidence" / "data" / "castle.csv").open(encoding="utf-8") as file:
    rows = list(csv.DictReader(file))
table = {name: np.array([float(row[name]) for row in rows]) for name in ("log_homicide", "post", "population")}
table |= {name: np.array([row[name] for row in rows]) for name in ("state", "year")}
panel = stats.Panel.from_long(
    table, unit="state", period="year", outcome="log_homicide", treated="post", covariates=["population"],
    outcome_name="log homicides", unit_name="states", period_name="years",
)  # fmt: skip
print(f"{panel.shape[0]} states, {panel.shape[1]} years, {panel.ever_treated.sum()} with a law")

# %% [markdown]
# ## The two-way regression

# %%
plain = stats.two_way(panel.outcome, panel.treated)
weighted = stats.two_way(panel.outcome, panel.treated, panel.covariates["population"])
print(f"Every state counts once:  {plain.coefficient:.4f} (SE {plain.error:.4f})")
print(f"Weighted by population:   {weighted.coefficient:.4f} (SE {weighted.error:.4f})")

# %% [markdown]
# Read as a share, 0.0694 means about 7 % more homicides. But of which comparisons is that number made? Goodman-Bacon's
# parts say how much weight lies on states that already had the law and stand in as “untreated”.

# %%
parts = stats.decompose(panel.outcome, panel.adoption)
for kind in stats.Comparison:
    mine = [part for part in parts if part.comparison is kind]
    weight = sum(part.weight for part in mine)
    mean = sum(part.weight * part.estimate for part in mine) / weight
    print(f"{kind:18} weight {weight:6.1%}, mean estimate {mean:+.4f}")

# %% [markdown]
# Only 2 % of the weight is forbidden. The regression is not misled by that here. Comparing every starting group with
# states that never had a law (Callaway and Sant'Anna) is still the design that fits, and it is less sure.

# %%
effect = stats.design("callaway-santanna").fit(panel, stats.generator(2013))
print(effect.sentence())
for check in effect.checks:
    print(f"{check.state:4}  {check.slug}: {check.meaning}")

# %% [markdown]
# The two answers differ in size and in how sure they are. A study that had named its design beforehand would have to
# live with one of them; naming it afterwards invites choosing the one that one likes.
