"""Restorative conference: who was harmed, who did it, and those beside them meet and agree how to put it right."""
