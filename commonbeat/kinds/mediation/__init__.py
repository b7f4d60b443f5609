"""Mediation: neighbours, or a resident and an officer, talk a dispute over with somebody neutral."""
