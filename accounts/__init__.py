"""Domain 1: the records and their definitions. For now: accounts and their domains."""
