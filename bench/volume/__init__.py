"""A database at the size of a large sales floor: accounts, contacts, a million leads and a million deals."""
