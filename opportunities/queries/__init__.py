"""Reads of the opportunities domain, always from what the asking person may see: one module a noun."""
