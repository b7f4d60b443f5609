"""Studies of impact: planned, frozen before the outcome is known, run, reported and told, whatever they find."""
