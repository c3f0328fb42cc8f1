"""Policies (M2): rules are data, their vocabulary is code."""
