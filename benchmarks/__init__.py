"""Measures how fast the product is on this machine; see docs/performance.md for how to read the numbers."""
