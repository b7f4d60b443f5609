"""What happened, written once and never edited; who is told, and whether it arrived."""
