"""Talks between sides: who takes part and said yes to it, sessions, what was agreed and whether it is kept."""
