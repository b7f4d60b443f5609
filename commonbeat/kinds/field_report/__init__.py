"""The field report: what a community service officer was told, saw and did, read and approved by a supervisor."""
