"""The studio on the desk: studies are planned, frozen, run and told here."""
