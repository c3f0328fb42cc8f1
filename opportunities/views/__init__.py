"""The pages about many deals at once: hygiene, reasons, attempts to pass gates."""
