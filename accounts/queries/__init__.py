"""Reads of the accounts domain, always from what the asking person may see: one module a noun."""
