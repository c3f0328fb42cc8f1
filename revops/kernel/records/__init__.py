"""What the apps declare to the shells, and the readings that are made of it: lists and search."""
