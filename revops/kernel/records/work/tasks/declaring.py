"""What the shells know of tasks."""

from typing import Any

from revops.kernel.packets.enums import ObligationKind, ObligationState, Priority, Side
from revops.kernel.records.registry import (
    TIMELINES,
    Field,
    FieldKind,
    Panel,
    RecordType,
    SearchSource,
    add_composer,
    add_panel,
    register,
)
from revops.kernel.records.work.tasks import forms, reading

_WHAT, _WHO, _SYSTEM = "What is to be done", "Who and when", "System"
_PERSON: dict[str, Any] = {"reference": "identity.user"}

FIELDS = (
    Field("text", "Task", group=_WHAT, required=True),
    Field(
        "subject", "About", group=_WHAT, filterable=True, help="The number of a record, such as ACC-000012."
    ),
    Field("note", "Note", FieldKind.LONG_TEXT, _WHAT, mentions=True),
    Field("state", "State", FieldKind.CHOICE, _WHAT, choices=ObligationState.choices, filterable=True),
    Field("priority", "Priority", FieldKind.CHOICE, _WHAT, choices=Priority.choices, filterable=True),
    Field("kind", "Kind", FieldKind.CHOICE, _WHAT, choices=ObligationKind.choices, filterable=True),
    Field("outcome", "What came of it", group=_WHAT),
    Field("evidence_ref", "Evidence", group=_WHAT, help="Where it can be looked up that it was done."),
    Field("due_on", "Due on", FieldKind.DATE, _WHO, sortable=True, filterable=True),
    Field(
        "due_at", "Due at", FieldKind.INSTANT, _WHO, help="Where the time of day matters; its day follows."
    ),
    Field("owner", "Owner", FieldKind.PERSON, _WHO, filterable=True, **_PERSON),
    Field(
        "counterparty_side",
        "Whose move",
        FieldKind.CHOICE,
        _WHO,
        choices=Side.choices,
        filterable=True,
        help="Ours to do, or something the buyer has promised.",
    ),
    Field("creator", "Asked for by", FieldKind.PERSON, _WHO, filterable=True, **_PERSON),
    Field("queue", "Queue", FieldKind.REFERENCE, _WHO, reference="people.queue", filterable=True),
    Field("team", "Team", FieldKind.REFERENCE, _WHO, reference="people.team", filterable=True),
    Field("done_at", "Done at", FieldKind.INSTANT, _WHO, filterable=True),
    Field("done_by", "Done by", FieldKind.PERSON, _WHO, filterable=True, **_PERSON),
    Field("source_ref", "Brought by", group=_SYSTEM),
    Field("created_at", "Created", FieldKind.INSTANT, _SYSTEM, sortable=True, filterable=True),
    Field("updated_at", "Last changed", FieldKind.INSTANT, _SYSTEM),
)

TASK = RecordType(
    label=forms.LABEL,
    slug="tasks",
    prefix="TSK",
    singular="Task",
    plural="Tasks",
    icon="checkbox",
    title="text",
    fields=FIELDS,
    columns=("text", "state", "due_on", "priority", "subject", "owner", "creator"),
    create_fields=("text", "due_on", "due_at", "priority", "owner", "subject", "counterparty_side", "note"),
    create=forms.create_task,
    edit=forms.edit_task,
    default_sort="due_on",
    search=(SearchSource(forms.LABEL, "pk", ("text",)),),
    panels=(Panel("about", "About", "work/panels/about.html", reading.about),),
    actions=forms.ACTIONS,
    extra={
        "navigation": ("Records", 20, "t"),
        "state": "state",
        "figures": ("due_on", "priority"),
        "tones": {
            "state": {"open": "blue", "done": "green", "cancelled": "grey"},
            "priority": {"high": "amber", "low": "grey"},
        },
    },
    empty_hint="Tasks are what somebody has to do. Add one on the page of an account, a contact, a lead or a deal.",
    description="What somebody has to do until when, about a record or by itself.",
)

register(TASK)
add_composer(forms.COMPOSER)
add_panel(TIMELINES, Panel("tasks", "Open tasks", "work/panels/tasks.html", reading.open_about))
