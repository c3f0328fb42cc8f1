"""Which pages of figures the opportunities domain puts among the reports."""

from revops.web import navigation

_DEAL = "opportunities.opportunity"

navigation.add_report(_DEAL, "Hygiene", "/hygiene/", "checklist", "score next step idle overdue stale clean")
navigation.add_report(
    _DEAL, "Reasons", "/reasons/", "message-circle-question", "why lost loss slip stall push"
)
navigation.add_report(
    "gates.gateattempt", "Gate attempts", "/gate-attempts/", "door-enter", "criteria refused failed excused"
)
