"""What the public is told: the public card of a case, and publications that a second person approved."""
