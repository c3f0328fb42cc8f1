"""Which pages of figures the opportunities domain puts among the reports."""

from revops.web.navigation import add_report

_DEAL = "opportunities.opportunity"

add_report(_DEAL, "Hygiene", "/hygiene/", "checklist", "score next step idle overdue stale clean")
add_report(_DEAL, "Stage funnel", "/funnel/", "filter", "conversion cohort flow stages won")
add_report(_DEAL, "Reasons", "/reasons/", "message-circle-question", "why lost loss slip stall push")
add_report(
    "gates.gateattempt", "Gate attempts", "/gate-attempts/", "door-enter", "criteria refused failed excused"
)
