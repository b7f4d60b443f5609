"""What the tables of observations hold about people: nothing."""

from commonbeat.cases.personal import nobody

nobody("The condition of a place; words about people are refused.", "observation.Hazard")
