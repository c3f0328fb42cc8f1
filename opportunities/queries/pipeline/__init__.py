"""Reads of frozen pipelines: their rows as they are built, compared, shown and written to a file."""
