"""Settings, addresses and the start of every process: the only part that knows all others."""
