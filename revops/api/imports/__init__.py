"""Imports over the API: upload, read, map, check, repair, commit, revert."""
