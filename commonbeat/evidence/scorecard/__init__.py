"""The scorecard: five measures side by side, each chosen by the department, never added up."""
