"""The complaint: somebody says that the department or one of its people did wrong (RULES 9)."""
