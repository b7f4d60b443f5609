"""Requests for public records: which cases, what of them is removed under which exemption, and what was released."""
