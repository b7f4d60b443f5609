"""Evidence on the desk: measures looked at, files of incidents brought in."""
