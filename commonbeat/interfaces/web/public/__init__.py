"""Pages for everybody: report, return, areas, officers, outcomes."""
