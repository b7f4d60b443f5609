"""Forms of the office: what administrators type, checked and worded."""
