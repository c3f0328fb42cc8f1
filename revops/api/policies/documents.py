"""The schemas of rules, their versions, simulations and decisions."""

from typing import Any

from revops.api.schema.operation import (
    COUNT,
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
from revops.kernel.policies.enums import Mode, Status

_OBJECT = {"type": "object", "additionalProperties": True}
_SCOPE = {
    "type": "object",
    "additionalProperties": TEXT,
    "description": "What the version is for, such as a segment.",
}
_BODY = {**_OBJECT, "description": "The rule itself: its shape depends on the policy."}
_IN_FORCE = {
    "ref": {**TEXT, "description": "How decisions name this version."},
    "n": {**COUNT, "description": "0 for the shipped default."},
    "version_id": nullable(RECORD_ID),
    "scope": _SCOPE,
    "mode": ref("PolicyMode"),
    "authority": TEXT,
    "migrate": YES_OR_NO,
    "broken": {**TEXT, "description": "Why it cannot be read and does not run; empty for one that runs."},
    "lines": {**many(TEXT), "description": "What it says in plain words."},
    "body": _BODY,
}
_POLICY = {
    "key": TEXT,
    "title": TEXT,
    "help": TEXT,
    "source": {**TEXT, "description": "Where the shipped default comes from."},
    "record_type": nullable(TEXT),
    "scopes": many(TEXT),
    "changes_no_record": {**TEXT, "description": "Why no version changes a stored record, where none does."},
    "in_force": {**many(ref("PolicyInForce")), "description": "A version for each scope, now."},
}
_DRAFTED = {
    "body": _BODY,
    "mode": ref("PolicyMode"),
    "source_note": {**TEXT, "description": "Where this version comes from."},
    "migrate": {**YES_OR_NO, "description": "Whether it holds for what is in flight as well."},
}
_REASON = {"reason": TEXT}
_VERSION = {
    "id": RECORD_ID,
    "version": {**COUNT, "description": "The version of the record, for If-Match."},
    "policy": TEXT,
    "n": COUNT,
    "scope": _SCOPE,
    "status": ref("PolicyStatus"),
    **_DRAFTED,
    "effective_from": nullable(INSTANT),
    "effective_to": nullable(INSTANT),
    "authority": TEXT,
    "lines": many(TEXT),
    "digest": {**TEXT, "description": "Binds a simulation and an approval to what it says."},
}
_PAST = {
    "since": INSTANT,
    "until": INSTANT,
    "decisions": COUNT,
    "changed": COUNT,
    "untold": {**COUNT, "description": "Those that lack a fact which the draft asks for."},
    "more": {
        **YES_OR_NO,
        "description": "Whether there were more, so that only the latest were taken again.",
    },
}
_DECISION = {
    "id": RECORD_ID,
    "policy": TEXT,
    "ref": TEXT,
    "record_type": TEXT,
    "record_id": RECORD_ID,
    "outcome": TEXT,
    "decided_at": INSTANT,
    "question": _OBJECT,
    "facts": _OBJECT,
    "verdicts": many(_OBJECT),
}
COMPONENTS: dict[str, Any] = {
    "PolicyMode": words(Mode.values),
    "PolicyStatus": words(Status.values),
    "PolicyInForce": thing(_IN_FORCE),
    "Policy": thing(_POLICY),
    "Policies": thing({"results": many(ref("Policy"))}),
    "PolicyVersion": thing(_VERSION),
    "PolicyVersions": thing({"results": many(ref("PolicyVersion"))}),
    "PolicyDraft": thing(
        {**_DRAFTED, "scope": _SCOPE, "priority": {"type": "integer"}, **_REASON},
        required=["body", "source_note"],
        additionalProperties=False,
    ),
    "PolicyDraftEdit": thing(
        {**_DRAFTED, "version": COUNT, **_REASON}, required=["body"], additionalProperties=False
    ),
    "PolicyActivation": thing({"at": nullable(INSTANT), **_REASON}, required=[], additionalProperties=False),
    "PolicyReason": thing(_REASON, required=["reason"], additionalProperties=False),
    "PolicyDifference": thing({"path": TEXT, "label": TEXT, "before": TEXT, "after": TEXT}),
    "PolicyComparison": thing({"before": TEXT, "after": TEXT, "results": many(ref("PolicyDifference"))}),
    "PolicySimulation": thing(
        {
            "body": _BODY,
            "mode": ref("PolicyMode"),
            "scope": _SCOPE,
            "migrate": YES_OR_NO,
            "since": INSTANT,
            "until": INSTANT,
            "limit": COUNT,
            "offset": COUNT,
        },
        required=["body"],
        additionalProperties=False,
    ),
    "PolicyImpact": thing(
        {
            "digest": TEXT,
            "at": INSTANT,
            "record_type": nullable(TEXT),
            "changes_no_record": TEXT,
            "total": COUNT,
            "changed": COUNT,
            "counts": many(thing({"before": TEXT, "after": TEXT, "n": COUNT})),
            "past": thing(_PAST),
            "rows": many(thing({"id": RECORD_ID, "before": TEXT, "after": TEXT, "why": TEXT})),
        }
    ),
    "PolicyDecision": thing(_DECISION),
    "PolicyDecisions": thing({"results": many(ref("PolicyDecision")), "next": nullable(TEXT)}),
    "PolicyReplay": thing({"same": YES_OR_NO, "outcome": TEXT, "differences": many(TEXT)}),
    "PolicySetUp": thing(
        {"lasts": YES_OR_NO, "ended_at": nullable(INSTANT), "ended_by": nullable(ref("Person"))}
    ),
    "Person": thing({"id": RECORD_ID, "name": TEXT}),
}
TAG: dict[str, Any] = {"tag": "Policies", "components": COMPONENTS}
