"""The pages of the import wizard: one module a step, over the one face in `exchange.drafts.wizard`."""
