"""Evidence counts events; the tables of it and of studies hold nothing about a private person."""

from commonbeat.cases.personal import nobody

nobody(
    "Counts, plans and definitions: no row is about a person.",
    "evidence.IncidentSource", "evidence.IncidentImport", "evidence.CountedMeasure", "evidence.Observation",
    "evidence.Refresh", "evidence.Denominator", "studies.Dataset", "studies.Study", "studies.PlanVersion",
    "studies.Run", "studies.Picture", "studies.StudyPage", "surveys.SurveySeries", "surveys.SurveyQuestion",
    "surveys.SurveyWave", "surveys.WaveImport", "surveys.PopulationTable", "surveys.PopulationCount",
    "scorecard.ScorecardLine",
)  # fmt: skip
