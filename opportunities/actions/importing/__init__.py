"""Import deals, their stages over time and the contacts in them: one module a file. Source: mappings.md."""
