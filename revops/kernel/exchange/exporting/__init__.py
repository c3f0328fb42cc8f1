"""Export: what somebody sees in a list, as a file; logged before it exists, approved where it has to be (INV-9.3)."""
