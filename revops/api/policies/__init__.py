"""Rules over the API: read, draft, simulate, compare; what they decided, and the same decided again."""
