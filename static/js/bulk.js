// Selecting rows and changing many at once.
