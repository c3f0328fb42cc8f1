"""The mechanisms: what every domain app stands on; none of them knows a business object."""
