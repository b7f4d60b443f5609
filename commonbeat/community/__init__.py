"""Who and where: users and their grants, persons, organisations, areas."""
