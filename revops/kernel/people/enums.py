"""Roles, kinds and reasons of the people mechanism."""

from django.db import models


class Role(models.TextChoices):
    """The shipped roles (spec 00, addenda). An installation adds its own as `CustomRole` rows."""

    SDR = "SDR", "Sales development rep"
    AE = "AE", "Account executive"
    SE = "SE", "Sales engineer"
    CSM = "CSM", "Customer success manager"
    RENEWALS = "RENEWALS", "Renewals manager"
    AM = "AM", "Account manager"
    CS_LEAD = "CS_LEAD", "Customer success lead"
    SALES_MGR = "SALES_MGR", "Sales manager"
    DIRECTOR = "DIRECTOR", "Sales director"
    VP_SALES = "VP_SALES", "VP of sales"
    SALES_OPS = "SALES_OPS", "Sales operations"
    REVOPS = "REVOPS", "Revenue operations"
    MKT_OPS = "MKT_OPS", "Marketing operations"
    FINANCE = "FINANCE", "Finance"
    LEGAL = "LEGAL", "Legal"
    DEAL_DESK = "DEAL_DESK", "Deal desk"
    EXEC = "EXEC", "Executive"
    CRO = "CRO", "Chief revenue officer"
    CFO = "CFO", "Chief financial officer"
    COUNCIL = "COUNCIL", "Revenue council"
    AUDITOR = "AUDITOR", "Auditor"
    ADMIN = "ADMIN", "Administrator"
    PARTNER = "PARTNER", "Partner"
    PARTNER_MGR = "PARTNER_MGR", "Partner manager"
    ENABLEMENT = "ENABLEMENT", "Enablement"
    PRIVACY = "PRIVACY", "Privacy officer"
    PRODUCT = "PRODUCT", "Product"
    SECURITY = "SECURITY", "Security"


class OwnerRole(models.TextChoices):
    """In which role somebody holds a record."""

    PRIMARY = "primary", "Owner"
    CSM = "csm", "Customer success manager"
    RENEWAL = "renewal", "Renewal owner"
    PARTNER = "partner", "Partner"
    ENGINEER = "engineer", "Sales engineer"


class AssignReason(models.TextChoices):
    """Why a record has this owner."""

    CREATED = "created", "Created the record"
    MANUAL = "manual", "Assigned by hand"
    INHERITED = "inherited", "Follows the parent account"
    TERRITORY = "territory", "Territory default"
    UNASSIGNED = "unassigned", "Nobody matched; waits in a queue"
    IMPORTED = "imported", "Imported"
    OFFBOARDED = "offboarded", "The owner left"
    REMOVED = "removed", "Taken off this role"


class AbsenceKind(models.TextChoices):
    VACATION = "vacation", "Vacation"
    SICK = "sick", "Sick"
    LEAVE = "leave", "Leave"
    TRAINING = "training", "Training"


class AbsenceSource(models.TextChoices):
    MANUAL = "manual", "Entered by hand"
    HR = "hr", "HR system"
    CALENDAR = "calendar", "Calendar"
