"""The commendation: somebody says that one of the department's people did well."""
