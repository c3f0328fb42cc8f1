"""Weekly reviews of pipelines and their frozen tables as the shells know them."""

from collections.abc import Mapping
from typing import Any, NoReturn

from opportunities.actions.reviewing import edit_review
from opportunities.actions.reviewing.forms import ACTIONS
from opportunities.queries.pipeline import showing
from revops.kernel.people import access
from revops.kernel.records.registry import Field, FieldKind, Panel, RecordType, register

_WHAT, _MEETING, _SYSTEM = "Review", "Meeting", "System"
_DATE, _INSTANT, _LINK = FieldKind.DATE, FieldKind.INSTANT, FieldKind.REFERENCE


def _create(*, by: Any, values: Mapping[str, Any]) -> NoReturn:
    """Refuse: reviews are laid when pipelines are frozen."""
    raise access.Forbidden(
        "Pipelines are frozen every Monday, each with its review; nobody adds one by hand."
    )


def _edit(
    *, by: Any, pk: int, changes: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> NoReturn:
    """Refuse: a frozen pipeline never changes."""
    raise access.Forbidden("A frozen pipeline never changes.")


REVIEW = RecordType(
    label="opportunities.pipelinereview",
    slug="pipeline-reviews",
    prefix="PRV",
    singular="Pipeline review",
    plural="Pipeline reviews",
    icon="calendar-week",
    title="week",
    fields=(
        Field("week", "Week from", _DATE, _WHAT, sortable=True, filterable=True),
        Field("reviewed_team", "Team", _LINK, _WHAT, reference="people.team", filterable=True),
        Field("run", "Frozen table", _LINK, _WHAT, reference="opportunities.pipelinerun"),
        Field("held_at", "Held", _INSTANT, _MEETING, filterable=True),
        Field("attendees", "Who was there", FieldKind.REFERENCES, _MEETING, reference="identity.user"),
        Field("notes", "Notes", FieldKind.LONG_TEXT, _MEETING),
        Field("owner", "Reviewer", FieldKind.PERSON, _MEETING, reference="identity.user", filterable=True),
        Field("created_at", "Created", _INSTANT, _SYSTEM, sortable=True, filterable=True),
        Field("updated_at", "Last changed", _INSTANT, _SYSTEM),
    ),
    columns=("week", "reviewed_team", "owner", "held_at"),
    create_fields=(),
    create=_create,
    edit=edit_review,
    default_sort="-week",
    panels=(
        Panel("table", "The pipeline as it stood", "pipeline/panels/table.html", showing.table),
        Panel("actions", "What was agreed", "pipeline/panels/actions.html", showing.actions),
    ),
    actions=ACTIONS,
    empty_hint="Each team's open pipeline is frozen on Monday morning, and its review stands here.",
    description="The weekly review of a team's pipeline: the rows as they stood, who was there, what was agreed.",
    extra={
        "figures": ("reviewed_team", "held_at"),
        "navigation": ("Records", 44, ""),
        "wide_panels": ("table",),
    },
)
RUN = RecordType(
    label="opportunities.pipelinerun",
    slug="pipeline-runs",
    prefix="PLR",
    singular="Frozen pipeline",
    plural="Frozen pipelines",
    icon="snowflake",
    title="week",
    fields=(
        Field("week", "Week from", _DATE, filterable=True),
        Field("team", "Team", _LINK, reference="people.team", filterable=True),
        Field("as_of", "As of", _INSTANT, sortable=True, filterable=True),
        Field("row_count", "Deals", FieldKind.INTEGER),
        Field("checksum", "Checksum"),
        Field("previous", "The one before", _LINK, reference="opportunities.pipelinerun"),
        Field("created_at", "Created", _INSTANT, sortable=True),
    ),
    columns=("week", "team", "as_of", "row_count", "checksum"),
    create_fields=(),
    create=_create,
    edit=_edit,
    default_sort="-as_of",
    description="A team's open pipeline at one instant. Written once; its rows are read with its review.",
    has_pages=False,
)

register(REVIEW)
register(RUN)
