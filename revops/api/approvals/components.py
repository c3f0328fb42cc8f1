"""The schemas of approvals, and how a body is read."""

from collections.abc import Mapping
from typing import Any

from revops.api import queries
from revops.api.problems import blocked
from revops.api.schema.operation import (
    COUNT,
    DAY,
    INSTANT,
    RECORD_ID,
    TEXT,
    YES_OR_NO,
    many,
    nullable,
    ref,
    thing,
    words,
)
from revops.kernel.approvals.enums import RequestState, StepState, Verdict
from revops.kernel.audit import Blocked, Finding

PERSON = thing({"id": RECORD_ID, "name": TEXT})
WAITING = {
    "step": {**RECORD_ID, "description": "The step to decide."},
    "approval": RECORD_ID,
    "title": TEXT,
    "asks_for": TEXT,
    "submitter": ref("ApprovalPerson"),
    "opened_at": nullable(INSTANT),
    "due_at": nullable(INSTANT),
}
LINE = {"key": TEXT, "label": TEXT, "value": TEXT, "before": TEXT, "moved": YES_OR_NO}
SAID = {"by": TEXT, "instead_of": TEXT, "decision": ref("ApprovalVerdict"), "at": INSTANT, "comment": TEXT}
STEP = {
    "id": RECORD_ID,
    "level": COUNT,
    "title": TEXT,
    "state": words(StepState.values),
    "reasons": many(TEXT),
    "asked": many(TEXT),
    "how": TEXT,
    "carried_because": TEXT,
    "due_at": nullable(INSTANT),
    "may_decide": YES_OR_NO,
    "decisions": many(ref("ApprovalSaid")),
}
PREVIEWED = {
    "level": COUNT,
    "title": TEXT,
    "reasons": many(TEXT),
    "asked": many(TEXT),
    "how": TEXT,
    "carried": YES_OR_NO,
    "because": TEXT,
}
DECISION = {"step": RECORD_ID, "decision": ref("ApprovalVerdict"), "comment": TEXT}
DELEGATED = {"delegate": RECORD_ID, "active_from": DAY, "active_to": DAY, "reason": TEXT}
COMPONENTS = {
    "ApprovalPerson": PERSON,
    "ApprovalVerdict": words(Verdict.values),
    "ApprovalWaiting": thing(WAITING),
    "ApprovalInbox": thing({"results": many(ref("ApprovalWaiting"))}),
    "ApprovalLine": thing(LINE),
    "ApprovalSaid": thing(SAID),
    "ApprovalStep": thing(STEP),
    "ApprovalContent": thing(
        {
            "id": RECORD_ID,
            "version": COUNT,
            "title": TEXT,
            "state": words(RequestState.values),
            "note": TEXT,
            "lines": many(ref("ApprovalLine")),
            "steps": many(ref("ApprovalStep")),
        }
    ),
    "ApprovalDecision": thing(DECISION, required=["step", "decision"], additionalProperties=False),
    "ApprovalPreviewStep": thing(PREVIEWED),
    "ApprovalPreview": thing(
        {
            "purpose": TEXT,
            "title": TEXT,
            "rules": TEXT,
            "steps": many(ref("ApprovalPreviewStep")),
            "two_people": YES_OR_NO,
            "refused_because": many(TEXT),
        }
    ),
    "Delegation": thing(
        {
            "id": RECORD_ID,
            "delegator": ref("ApprovalPerson"),
            "delegate": ref("ApprovalPerson"),
            "active_from": INSTANT,
            "active_to": INSTANT,
            "reason": TEXT,
            "holds": YES_OR_NO,
        }
    ),
    "Delegations": thing({"results": many(ref("Delegation"))}),
    "DelegationCreate": thing(DELEGATED, additionalProperties=False),
}
TAG: dict[str, Any] = {"tag": "Approvals", "components": COMPONENTS}


def typed(body: dict[str, Any], kinds: Mapping[str, type], needed: tuple[str, ...]) -> dict[str, Any]:
    """Return the body. Raises Problem for other names, other kinds of values and what is missing."""
    findings: list[Finding] = []
    for name in sorted(body):
        kind = kinds.get(name)
        if kind is None:
            findings.append(queries.wrong(name, body[name], ", ".join(kinds) or "nothing"))
        elif type(body[name]) is not kind:
            findings.append(queries.wrong(name, body[name], {int: "a whole number", str: "text"}[kind]))
    findings += [queries.wrong(name, "", "a value") for name in needed if name not in body]
    if findings:
        raise blocked(Blocked(findings))
    return body
