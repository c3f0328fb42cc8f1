"""People: the organisation, who holds which role when, and the ownership ledger."""

from simple_history import register

from revops.kernel.audit.history import RecordHistory
from revops.kernel.identity.models import User
from revops.kernel.people.models.organisation import (
    Availability,
    CustomRole,
    OrganisationStamp,
    Preference,
    Queue,
    QueueMembership,
    ReportingLine,
    RoleAssignment,
    Team,
    TeamMembership,
    Territory,
)
from revops.kernel.people.models.ownership import Owned, OwnershipInterval

# The user model lies below audit, so its history table is kept here.
register(
    User,
    app="revops.kernel.people",
    records_class=RecordHistory,
    excluded_fields=["password", "last_login"],
)

__all__ = [
    "Availability",
    "CustomRole",
    "OrganisationStamp",
    "Owned",
    "OwnershipInterval",
    "Preference",
    "Queue",
    "QueueMembership",
    "ReportingLine",
    "RoleAssignment",
    "Team",
    "TeamMembership",
    "Territory",
]
