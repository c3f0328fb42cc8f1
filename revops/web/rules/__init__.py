"""The pages of the rules (M2): what is in force, what was, what is planned, and how a draft would change records."""
