"""Which pages of figures the opportunities domain puts among the reports."""

from revops.web import navigation

_DEAL = "opportunities.opportunity"

navigation.add_report(_DEAL, "Hygiene", "/hygiene/", "checklist", "score next step idle overdue stale clean")
