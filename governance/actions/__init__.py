"""The only writes of governance: one package a noun."""
