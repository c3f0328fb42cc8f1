"""Rules as the API shows them."""

from typing import Any

from revops.api.representation import instant, plain
from revops.kernel.policies import documents, resolving, simulating, store
from revops.kernel.policies.documents import Body, PolicyDocument
from revops.kernel.policies.models import Decision, PolicyVersion
from revops.kernel.policies.resolving import InForce
from revops.kernel.policies.rules import RuleError
from revops.kernel.policies.simulating import ChangedRecord, Impact
from revops.kernel.records import registry


def policy(document: PolicyDocument, at: Any) -> dict[str, Any]:
    """Return a document with every version of it that is in force at `at`."""
    held = [one.policy for one in store.entries(document.key) if one.holds(one.policy.scope, at)]
    if all(one.scope for one in held):
        held.append(resolving.shipped(document))
    return {
        "key": document.key,
        "title": document.title,
        "help": document.help,
        "source": document.source,
        "record_type": slug(record_type_of(document)),
        "scopes": list(document.scopes),
        "changes_no_record": document.unsimulated,
        "in_force": [in_force(one) for one in held],
    }


def record_type_of(document: PolicyDocument) -> str:
    """Return the record type that a document speaks of; nothing where it speaks of none."""
    if document.simulation is not None:
        return document.simulation.record_type
    return str(getattr(document.body, "record_type", ""))


def slug(label: str) -> str | None:
    """Return the name of a record type in addresses; None where it has no pages."""
    return next((one.slug for one in registry.every() if one.label == label), None)


def in_force(held: InForce) -> dict[str, Any]:
    """Return a version in force, in words and as it is."""
    return {
        "ref": held.ref,
        "n": held.n,
        "version_id": held.version_id,
        "scope": dict(held.scope),
        "mode": str(held.mode),
        "authority": held.authority or "shipped default",
        "migrate": held.migrate,
        "broken": str(held.broken or ""),
        "lines": [] if held.broken else held.body.lines(),
        "body": dict(held.raw),
    }


def version(row: PolicyVersion) -> dict[str, Any]:
    """Return a stored version; its words are those of today's schema."""
    return {
        "id": row.pk,
        "version": row.version,
        "policy": row.policy.key,
        "n": row.n,
        "scope": row.policy.scope,
        "status": str(row.status),
        "body": row.body,
        "mode": str(row.mode),
        "source_note": row.source_note,
        "migrate": row.migrate,
        "effective_from": plain(row.effective_from),
        "effective_to": plain(row.effective_to),
        "authority": row.authority,
        "lines": _lines(row),
        "digest": simulating.digest_of(row),
    }


def _lines(row: PolicyVersion) -> list[str]:
    try:
        body: Body = documents.get(row.policy.key).read(row.body)
    except (LookupError, RuleError):
        return []
    return body.lines()


def impact(found: Impact, rows: list[ChangedRecord]) -> dict[str, Any]:
    """Return a simulation with a page of the records that it changes."""
    past = found.past
    return {
        "digest": found.digest,
        "at": instant(found.at),
        "record_type": slug(found.record_type),
        "changes_no_record": found.unsimulated,
        "total": found.total,
        "changed": found.changed,
        "counts": [{"before": one.before, "after": one.after, "n": one.n} for one in found.counts],
        "past": {
            **found.as_json(),
            "since": instant(past.since),
            "until": instant(past.until),
        },
        "rows": [
            {"id": one.record_id, "before": one.before, "after": one.after, "why": one.why} for one in rows
        ],
    }


def decision(row: Decision) -> dict[str, Any]:
    """Return a decision with everything that it saw and said."""
    return {
        "id": row.pk,
        "policy": row.policy_key,
        "ref": row.ref,
        "record_type": slug(row.subject_type) or row.subject_type,
        "record_id": row.subject_id,
        "outcome": row.outcome,
        "decided_at": instant(row.decided_at),
        "question": row.question,
        "facts": row.facts,
        "verdicts": row.verdicts,
    }
