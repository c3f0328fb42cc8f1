"""Reads of governance: panels, work, people."""
