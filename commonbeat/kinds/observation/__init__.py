"""The observation: a place is not as it should be; nothing about people."""
