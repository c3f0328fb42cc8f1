"""`sla.document(...)`: an app declares a clock that operations decide about, with its shipped terms."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from revops.kernel.policies import documents
from revops.kernel.policies.documents import PolicyDocument
from revops.kernel.policies.enums import Mode
from revops.kernel.sla.bodies import Length, SlaBody

# Defaults for what a policy leaves open. Source: d2, alerts; c-defaults, sla.warn.
WARN_AT = (50, 75, 100, 200)
ESCALATION: tuple[Mapping[str, Any], ...] = (
    {"at": 75, "to": "owner"},
    {"at": 100, "to": "owner"},
    {"at": 100, "to": "manager"},
    {"at": 200, "to": "director"},
)

UNSIMULATED = (
    "Clocks that run keep the terms they started under; a new version holds for those that start later."
)

Qualifies = Callable[[str, Mapping[str, Any]], bool]


@dataclass(frozen=True)
class SlaDocument(PolicyDocument):
    """A policy whose body are the terms of a clock.

    `record_type` names what it runs for; `qualifies(event, evidence)` says whether something that happened is
    evidence enough to stop it.
    """

    record_type: str = ""
    qualifies: Qualifies | None = None


def length(amount: int, unit: str) -> dict[str, Any]:
    """Return a target as bodies write it: `length(5, "business_days")`, `length(4, "hours")`."""
    return Length(amount=amount, unit=unit).model_dump()  # type: ignore[arg-type]


def document(
    *,
    key: str,
    title: str,
    target: Mapping[str, Any],
    source: str,
    record_type: str = "",
    clock: str = "business",
    calendar: str = "org",
    start_on: Sequence[str] = (),
    stop_on: Sequence[str] = (),
    cancel_on: Sequence[str] = (),
    pause_on: Sequence[str] = (),
    resume_on: Sequence[str] = (),
    pause_when: Mapping[str, Any] | None = None,
    reopen: str = "new_cycle",
    targets: Sequence[Mapping[str, Any]] = (),
    warn_at: Sequence[int] = WARN_AT,
    escalation: Sequence[Mapping[str, Any]] = ESCALATION,
    rules: Mapping[str, Any] | None = None,
    params: Mapping[str, Any] | None = None,
    scopes: tuple[str, ...] = (),
    qualifies: Qualifies | None = None,
    help: str = "",
) -> SlaDocument:
    """Declare and register the clock `key`, with the terms that are shipped.

    `target` is a `length(...)`, `targets` rows `{"when": rule, "target": length}` of which the first that is true
    decides; `warn_at` and `escalation` speak of per cent of the target. The events are names that `sla.signal` gets.
    Whether something starts by an event (`start_on`) or by `sla.start` is up to the app; both may be.
    """
    body = type("SlaBodyOfType", (SlaBody,), {"__module__": __name__, "record_type": record_type})
    told = {"start": start_on, "stop": stop_on, "cancel": cancel_on, "pause": pause_on, "resume": resume_on}
    default: dict[str, Any] = {
        "target": dict(target),
        "targets": [dict(row) for row in targets],
        "clock": clock,
        "calendar_from": calendar,
        **{f"{verb}_on": list(events) for verb, events in told.items()},
        "pause_when": None if pause_when is None else dict(pause_when),
        "reopen": reopen,
        "warn_at": list(warn_at),
        "escalation": [dict(one) for one in escalation],
        "rules": dict(rules or {}),
        "params": dict(params or {}),
    }
    more: dict[str, Any] = {"unsimulated": UNSIMULATED, "record_type": record_type, "qualifies": qualifies}
    made = SlaDocument(key, title, body, default, source, Mode.ENFORCE, scopes, help, **more)
    documents.register(made)
    return made


def of_type(record_type: str) -> list[SlaDocument]:
    """Return the clocks that are declared for a record type, by key."""
    return [
        one for one in documents.every() if isinstance(one, SlaDocument) and one.record_type == record_type
    ]
