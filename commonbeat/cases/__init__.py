"""A matter that somebody must resolve: one row, its participants, files, links and tasks, and two verbs."""
