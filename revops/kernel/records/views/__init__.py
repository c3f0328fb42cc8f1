"""Saved views: a list as somebody wants to find it again, for themselves or shared with roles."""
