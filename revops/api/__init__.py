"""The REST shell: every registered record type over HTTP, with the same actions, access and findings as the pages."""
