"""Programs talk to us here: Open311, JSON, feeds."""
