"""The access rows of the governed funnel: evidence and MEDDICC, delays and categories, silence, inspections."""

from opportunities.permissions.deal import ALL, OWN, SUBTREE, TEAM
from opportunities.permissions.parts import EVERYBODY, SEEN_BY_ALL, WITH_THE_DEAL
from revops.kernel.people.access import Grant, Keys, declare, edit

# Evidence, MEDDICC and reviews are worked on with the deal (`qualify`), evidence is verified by managers (`verify`).
# The actions ask for these rights on the deal; here stands what one may read and write of each row.
_EVIDENCE = frozenset(
    {
        "opportunity",
        "kind",
        "statement",
        "stated_by",
        "occurred_at",
        "activity",
        "contact_role",
        "url",
        "field_path",
    }
)
_ELEMENT = frozenset({"opportunity", "element", "score", "statement", "evidence", "contact", "on"})
_REVIEW = frozenset({"opportunity", "kind", "state", "owner", "note"})
_STAMPS = {"created_at", "updated_at"}


# What managers do with rows that others wrote.
_DECIDED = {"opportunities.stageevidence": {"verify": SUBTREE}}


def _worked_on(label: str, written: frozenset[str]) -> dict[str, Grant]:
    """Return the grants of rows that whoever works on a deal writes."""
    return {
        "SDR": Grant(view=OWN),
        "AE": Grant(view=TEAM, create=written, edits=edit(OWN, written)),
        "SE CSM RENEWALS AM": Grant(view=OWN, create=written, edits=edit(OWN, written)),
        "SALES_MGR DIRECTOR VP_SALES CS_LEAD": Grant(
            view=SUBTREE, create=written, edits=edit(SUBTREE, written), actions=_DECIDED.get(label, {})
        ),
        f"SALES_OPS REVOPS {SEEN_BY_ALL}": Grant(view=ALL),
    }


for _label, _written, _kept in (
    (
        "opportunities.stageevidence",
        _EVIDENCE,
        {
            "field_value",
            "state",
            "submitted_by",
            "submitted_at",
            "verifier",
            "decided_at",
            "verdict_note",
            "expires_at",
        },
    ),
    ("opportunities.meddicc", _ELEMENT, {"mitigation"}),
    ("opportunities.dealreviewstatus", _REVIEW, {"state_since"}),
):
    declare(
        _label,
        fields=_written | _kept | _STAMPS,
        keys=Keys(parent="opportunity"),
        grants=_worked_on(_label, _written),
    )

for _label, _fields in {
    "opportunities.slipevent": {
        "opportunity",
        "kind",
        "from_date",
        "to_date",
        "from_period",
        "to_period",
        "days",
        "category_before",
        "category_after",
        "same_day_downgrade",
        "reason_code",
        "occurred_at",
        "said_by",
    },
    "opportunities.categorychange": {
        "opportunity",
        "before",
        "after",
        "why",
        "criteria",
        "rule",
        "note",
        "occurred_at",
        "changed_by",
    },
    "opportunities.idlestep": {
        "opportunity",
        "silent_since",
        "step",
        "idle_days",
        "taken_at",
        "closes_on",
        "told",
        "rule",
        "reason_code",
        "note",
        "said_by",
        "said_at",
    },
    "opportunities.inspectionrecord": {
        "opportunity",
        "week",
        "inspected_at",
        "inspector",
        "deal_owner",
        "stage",
        "answers",
        "fails",
        "excused",
        "outcome",
        "category_before",
        "category_after",
        "minutes",
        "note",
        "dissent",
    },
}.items():
    declare(_label, fields=_fields | {"created_at"}, keys=Keys(parent="opportunity"), grants=WITH_THE_DEAL)


declare(
    "opportunities.stagebaseline",
    fields={
        "segment",
        "stage",
        "wins",
        "p75_days",
        "median_days",
        "measured",
        "as_of",
        "created_at",
        "updated_at",
    },
    grants={EVERYBODY: Grant(view=ALL)},
)

# The weekly review belongs to the team that it is of: its managers hold it, its people read it, operations read all.
# A frozen table shows to each reader only the deals that they see (queries.pipeline).
_REVIEWED = {
    "AE": Grant(view=TEAM),
    f"SALES_OPS REVOPS {SEEN_BY_ALL}": Grant(view=ALL),
}
_NOTED = frozenset({"attendees", "notes"})
declare(
    "opportunities.pipelinerun",
    fields={"week", "team", "as_of", "row_count", "checksum", "previous", "created_at"},
    keys=Keys(team="team_id"),
    grants=_REVIEWED | {"SALES_MGR DIRECTOR VP_SALES CS_LEAD": Grant(view=SUBTREE)},
)
declare(
    "opportunities.pipelinereview",
    fields=_NOTED | _STAMPS | {"week", "reviewed_team", "run", "held_at", "owner", "queue", "team"},
    keys=Keys(person="owner_id", team="reviewed_team_id"),
    grants=_REVIEWED
    | {
        "SALES_MGR DIRECTOR VP_SALES CS_LEAD": Grant(
            view=SUBTREE, edits=edit(SUBTREE, _NOTED), actions={"hold": SUBTREE, "agree": SUBTREE}
        )
    },
)
