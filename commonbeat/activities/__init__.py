"""Things that happen at a place and time with people: planned, held, called off, and reported back."""
