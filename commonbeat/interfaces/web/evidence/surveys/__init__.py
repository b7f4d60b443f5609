"""Surveys on the desk: waves brought in, weighted, looked at, released; populations; whom was heard from."""
