# %% [markdown]
# # Proposition 99: one place, and a mixture of others that stands in for it
#
# In 1989 California raised its tax on cigarettes and paid for a campaign. Did people smoke less because of it? There is
# one California. Three related designs build its stand-in from 38 other states.

# %%
import csv
from pathlib import Path

import numpy as np

from commonbeat.evidence import stats

ROOT = next(p for p in (Path.cwd(), *Path.cwd().parents) if (p / "tests" / "evidence" / "data").exists())
with (ROOT / "tests" / "evidence" / "data" / "prop99.csv").open(encoding="utf-8") as file:
    rows = list(csv.DictReader(file))
panel = stats.Panel.from_long(
    {
        "state": np.array([row["State"] for row in rows]), "year": np.array([row["Year"] for row in rows]),
        "packs": np.array([float(row["PacksPerCapita"]) for row in rows]),
        "treated": np.array([int(row["treated"]) for row in rows]),
    },
    unit="state", period="year", outcome="packs", treated="treated",
    outcome_name="packs per head", unit_name="states", period_name="years",
)  # fmt: skip

# %% [markdown]
# ## Three answers

# %%
for weighting in ("synthetic-did", "synthetic-control", "did"):
    effect = stats.design("synthetic-did", weighting=weighting).fit(panel, stats.generator(1989))
    low, high = effect.interval
    print(f"{weighting:18} {effect.estimate:9.5f} packs per head and year ({low:.1f} … {high:.1f})")

# %% [markdown]
# Plain difference in differences compares with the mean of all other states, which had gone another way long before:
# its answer is almost twice as large. The synthetic designs look for states with the same past.
#
# ## What stands behind the declared one

# %%
effect = stats.design("synthetic-did").fit(panel, stats.generator(1989))
print(effect.sentence())
for check in effect.checks:
    print(f"{check.state:4}  {check.slug}: {check.meaning}")

# %% [markdown]
# ## It would be the same with the rows in another order, and different with another past

# %%
mixed = panel.take(units=np.random.default_rng(0).permutation(len(panel.units)))
again = stats.design("synthetic-did").fit(mixed, stats.generator(1989))
print("Other order:", abs(again.estimate - effect.estimate) < 1e-9)
short = panel.take(periods=range(16, len(panel.periods)))
refused = stats.design("synthetic-did").fit(short, stats.generator(1989))
print("Three years of past:", refused.sentence())
