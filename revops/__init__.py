"""RevOps: a CRM whose operating rules are part of the system."""
