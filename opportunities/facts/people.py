"""What rules may ask about the people of a deal on the buyer's side."""

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from accounts.enums import ActivityKind, ActivityOutcome, AttendeeResponse
from opportunities.enums import BuyingRole
from opportunities.models import OppContactRole, OpportunityActivity
from revops.kernel.policies.facts import Collection, Fact
from revops.kernel.policies.kinds import FactKind


def _a_role(*wanted: Q, **only: str) -> Subquery:
    """Return a contact in the deal, in any role or in those named; null where there is none."""
    rows = OppContactRole.objects.filter(*wanted, opportunity=OuterRef("pk"), is_active=True, **only)
    return Subquery(rows.order_by("pk").values("contact_id")[:1])


def _met(role: str) -> Subquery:
    """Return when a meeting about the deal was last held with a contact who has this role in it; null without one."""
    there = OppContactRole.objects.filter(
        opportunity=OuterRef("opportunity"),
        contact__attendances__activity=OuterRef("activity"),
        contact__attendances__is_active=True,
        is_active=True,
        role=role,
    )
    held = OpportunityActivity.objects.filter(
        Exists(there),
        opportunity=OuterRef("pk"),
        is_active=True,
        activity__kind=ActivityKind.MEETING,
        activity__outcome=ActivityOutcome.HELD,
    )
    return Subquery(held.order_by("-occurred_at").values("occurred_at")[:1])


def _engaged(role: str) -> Subquery:
    """Return when a contact in this role last took part in anything; null where nobody did."""
    rows = OppContactRole.objects.filter(
        opportunity=OuterRef("pk"), is_active=True, role=role, engaged_at__isnull=False
    )
    return Subquery(rows.order_by("-engaged_at").values("engaged_at")[:1])


def _accepted() -> Subquery:
    """Return when the last planned meeting about the deal is that somebody of the buyer's accepted."""
    planned = OpportunityActivity.objects.filter(
        opportunity=OuterRef("pk"),
        is_active=True,
        activity__kind=ActivityKind.MEETING,
        activity__outcome=ActivityOutcome.PLANNED,
        activity__attendees__is_active=True,
        activity__attendees__response=AttendeeResponse.ACCEPTED,
    )
    return Subquery(planned.order_by("-occurred_at").values("occurred_at")[:1])


def _how_many(*wanted: Q) -> Coalesce:
    """Return how many contacts are in the deal."""
    rows = OppContactRole.objects.filter(*wanted, opportunity=OuterRef("pk"), is_active=True).order_by()
    counted = rows.values("opportunity").annotate(many=Count("contact", distinct=True)).values("many")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


# A contact whose role nobody has said yet is in the deal, but in no role.
_SAID = ~Q(role=BuyingRole.OTHER) | ~Q(raw_label="")


ROLES = Collection(
    "opportunity.contact_roles",
    "Contacts in the deal",
    rows=lambda: OppContactRole.objects.filter(is_active=True),
    link="opportunity_id",
    facts=(
        Fact("role", "Role", FactKind.CHOICE, choices=BuyingRole.choices),
        Fact("influence", "Influence", FactKind.INTEGER),
        Fact("is_primary", "Primary", FactKind.BOOLEAN),
        Fact("engaged_at", "Last engaged", FactKind.INSTANT),
    ),
)


# Everybody counts once, however many roles they have: activities engage all the roles of a contact at once.
_OTHER_ROLE = OppContactRole.objects.filter(
    opportunity=OuterRef("opportunity"), contact=OuterRef("contact"), is_active=True, pk__lt=OuterRef("pk")
)
PEOPLE = Collection(
    "opportunity.contacts",
    "People ever engaged in the deal",
    rows=lambda: OppContactRole.objects.filter(
        ~Exists(_OTHER_ROLE), is_active=True, engaged_at__isnull=False
    ),
    link="opportunity_id",
    facts=(Fact("engaged_at", "Last engaged", FactKind.INSTANT),),
)

FACTS = (
    Fact("opportunity.contact_role", "A contact in the deal", FactKind.REFERENCE, column=_a_role()),
    Fact(
        "opportunity.economic_buyer",
        "An economic buyer",
        FactKind.REFERENCE,
        column=_a_role(role=BuyingRole.ECONOMIC_BUYER),
    ),
    Fact("opportunity.contact_with_role", "A contact with a role", FactKind.REFERENCE, column=_a_role(_SAID)),
    Fact("opportunity.contacts_with_role", "Contacts with a role", FactKind.INTEGER, column=_how_many(_SAID)),
    Fact(
        "opportunity.economic_buyer_met_at",
        "Economic buyer last met",
        FactKind.INSTANT,
        column=_met(BuyingRole.ECONOMIC_BUYER),
    ),
    Fact(
        "opportunity.economic_buyer_engaged_at",
        "Economic buyer last engaged",
        FactKind.INSTANT,
        column=_engaged(BuyingRole.ECONOMIC_BUYER),
    ),
    Fact(
        "opportunity.accepted_meeting_at",
        "Meeting that the buyer accepted",
        FactKind.INSTANT,
        column=_accepted(),
        help="Planned and not held yet.",
    ),
)
