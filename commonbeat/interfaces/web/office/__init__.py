"""Administration without a programmer."""
