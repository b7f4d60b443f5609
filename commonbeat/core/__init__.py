"""The vocabulary of community policing without Django: what the other floors are written in."""
