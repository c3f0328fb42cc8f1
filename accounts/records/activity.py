"""What the shells know of activities."""

from accounts.actions.activities import create_attendee, edit_activity, edit_attendee, log_activity
from accounts.actions.activities.editing import settled
from accounts.actions.activities.forms import ACTIONS, CONTACTS
from accounts.enums import ActivityKind, ActivityOutcome, AttendeeResponse, Direction
from accounts.queries import activity as queries
from revops.kernel.records.boards import Board, Card
from revops.kernel.records.registry import Field, FieldKind, Panel, RecordType, SearchSource, register

_WHAT, _WHOM, _FILE, _SYSTEM = "What happened", "With whom", "As files say it", "System"

FIELDS = (
    Field("subject", "Subject", group=_WHAT, required=True),
    Field(
        "kind", "Kind", FieldKind.CHOICE, _WHAT, choices=ActivityKind.choices, filterable=True, required=True
    ),
    Field(
        "outcome",
        "Outcome",
        FieldKind.CHOICE,
        _WHAT,
        choices=ActivityOutcome.choices,
        filterable=True,
        help="How a call or a meeting went. A meeting that lies ahead is planned.",
    ),
    Field("direction", "Direction", FieldKind.CHOICE, _WHAT, choices=Direction.choices, filterable=True),
    Field(
        "occurred_at",
        "When",
        FieldKind.INSTANT,
        _WHAT,
        sortable=True,
        filterable=True,
        help="When it took place, or is to. Now, if nothing is chosen. Only a meeting may lie ahead.",
    ),
    Field(
        "duration_s",
        "Duration in seconds",
        FieldKind.INTEGER,
        _WHAT,
        help="A call counts as one with the buyer from 120 seconds.",
    ),
    Field("body", "What was said", FieldKind.LONG_TEXT, _WHAT, mentions=True),
    Field(
        "qualifies_buyer",
        "The buyer took part",
        FieldKind.BOOLEAN,
        _WHAT,
        filterable=True,
        help="A meeting held with somebody of theirs, a call of two minutes, a message from them, a signature. "
        "Only such activities end a deal's idle days.",
    ),
    Field("account", "Account", FieldKind.REFERENCE, _WHOM, reference="accounts.account", filterable=True),
    Field("lead", "Lead", FieldKind.REFERENCE, _WHOM, reference="accounts.lead", filterable=True),
    CONTACTS,
    Field("owner", "Owner", FieldKind.PERSON, _WHOM, reference="identity.user", filterable=True),
    Field("team", "Team", FieldKind.REFERENCE, _WHOM, reference="people.team", filterable=True),
    Field("who", "Contact or lead, by its id there", group=_FILE),
    Field("what", "What it is about, by its id there", group=_FILE),
    Field("people", "Contacts, by their ids there", FieldKind.LONG_TEXT, _FILE),
    Field("minutes", "Duration in minutes", FieldKind.INTEGER, _FILE),
    Field("milliseconds", "Duration in milliseconds", FieldKind.INTEGER, _FILE),
    Field("ends_at", "Ended", FieldKind.INSTANT, _FILE),
    Field("sort", "Type there", group=_FILE),
    Field("subtype", "Subtype there", group=_FILE),
    Field("status", "Status there", group=_FILE),
    Field("disposition", "Result there", group=_FILE),
    Field("created_at", "Logged", FieldKind.INSTANT, _SYSTEM, filterable=True),
    Field("updated_at", "Last changed", FieldKind.INSTANT, _SYSTEM),
)

ACTIVITY = RecordType(
    label="accounts.activity",
    slug="activities",
    prefix="ACT",
    singular="Activity",
    plural="Activities",
    icon="activity",
    title="subject",
    fields=FIELDS,
    columns=("subject", "kind", "outcome", "occurred_at", "account", "lead", "owner", "qualifies_buyer"),
    create_fields=(
        "kind",
        "subject",
        "occurred_at",
        "outcome",
        "direction",
        "duration_s",
        "body",
        "account",
        "lead",
        "contacts",
    ),
    create=log_activity,
    edit=edit_activity,
    settled=settled,
    default_sort="-occurred_at",
    search=(SearchSource("accounts.activity", "pk", ("subject",)),),
    panels=(Panel("attendees", "Attendees", "accounts/panels/attendees.html", queries.attendees),),
    actions=ACTIONS,
    extra={
        "about": ("lead", "account"),
        "state": "outcome",
        "board": Board(begins="outcome", card=Card("account", day="occurred_at")),
        "tells_apart": ("kind", "account", "lead", "owner"),
        "navigation": ("Records", 10, ""),
        "begins_empty": ("direction",),
        "tones": {
            "outcome": {
                "planned": "blue",
                "held": "green",
                "connected": "green",
                "no_show": "amber",
                "cancelled": "grey",
            }
        },
    },
    empty_hint="Calls, meetings, e-mails and notes. Log one on the page of an account, a contact or a lead.",
    importable=(
        "kind",
        "subject",
        "body",
        "occurred_at",
        "created_at",
        "outcome",
        "direction",
        "duration_s",
        "account",
        "lead",
        "contacts",
        "owner",
        "who",
        "what",
        "people",
        "minutes",
        "milliseconds",
        "ends_at",
        "sort",
        "subtype",
        "status",
        "disposition",
    ),
    description="What happened between us and a buyer, or is planned to: a call, a meeting, an e-mail, a note.",
)

ATTENDEE = RecordType(
    label="accounts.activityattendee",
    slug="activity-attendees",
    prefix="ATT",
    singular="Attendee",
    plural="Attendees",
    icon="users",
    title="response",
    fields=(
        Field("activity", "Activity", FieldKind.REFERENCE, reference="accounts.activity", filterable=True),
        Field("contact", "Contact", FieldKind.REFERENCE, reference="accounts.contact", filterable=True),
        Field("response", "Answer", FieldKind.CHOICE, choices=AttendeeResponse.choices, filterable=True),
        Field("is_active", "Takes part", FieldKind.BOOLEAN, filterable=True),
        Field("created_at", "Created", FieldKind.INSTANT, sortable=True),
        Field("updated_at", "Last changed", FieldKind.INSTANT),
    ),
    columns=("response", "activity", "contact"),
    create_fields=(),
    create=create_attendee,
    edit=edit_attendee,
    default_sort="created_at",
    description="A contact on the buyer's side who took part in an activity, or is asked to.",
    has_pages=False,
)

register(ACTIVITY)
register(ATTENDEE)
