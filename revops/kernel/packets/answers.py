"""What was filled into a form: read answer by answer, and what still lacks; every finding names its field."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.apps import apps

from revops.kernel.audit import Finding
from revops.kernel.packets import evidence
from revops.kernel.packets.templates import PREFIX, TYPES, TemplateBody, TemplateField
from revops.kernel.policies import rules
from revops.kernel.policies.kinds import Unfit, read_literal
from revops.kernel.policies.rules import Outcome

LONGEST = 5_000


def read(body: TemplateBody, given: Mapping[str, Any]) -> tuple[dict[str, Any], list[Finding]]:
    """Return the answers as they are stored (JSON), and what speaks against those that do not fit.

    A given answer that is empty takes the one before away; a field that is not given is not touched.
    """
    found: dict[str, Any] = {}
    findings: list[Finding] = []
    known = {one.key: one for one in body.typed}
    for key, raw in given.items():
        if key not in known:
            needed = ", ".join(known)
            message = f"{str(key)[:40]!r} is no field that one fills in here. Use {needed}."
            findings.append(
                Finding("PKT-001", message, field=str(key)[:40], found=str(key)[:40], needed=needed)
            )
        elif raw is None or (isinstance(raw, str) and not raw.strip()):
            found[key] = None
        else:
            try:
                found[key] = _stored(known[key], raw)
            except Unfit as error:
                found_ = str(raw)[:80]
                message = f"{known[key].label}: {found_!r} does not fit. Give {error}."
                findings.append(Finding("PKT-002", message, field=key, found=found_, needed=str(error)))
    return found, findings


def _stored(one: TemplateField, raw: Any) -> Any:
    """Return one answer as JSON. Raises Unfit saying what is needed."""
    if one.type == "long_text":
        if not isinstance(raw, str) or len(raw) > LONGEST:
            raise Unfit(f"text of at most {LONGEST:,} characters")
        if not all(char.isprintable() or char in "\n\t" for char in raw):
            raise Unfit("text without invisible characters")
        return raw.strip()
    value = plain(read_literal(TYPES[one.type], raw, [(choice.code, choice.label) for choice in one.choices]))
    if one.type == "percent" and not 0 <= Decimal(value) <= 100:
        raise Unfit("a share from 0 to 100")
    if one.evidence_kind and not evidence.fits(one.evidence_kind, value):
        raise Unfit(evidence.needed(one.evidence_kind))
    return value.strip() if isinstance(value, str) else value


def plain(value: Any) -> Any:
    """Return a value as JSON holds it."""
    if isinstance(value, date):  # an instant is one too
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def facts_of(body: TemplateBody, record_type: str, record_id: int) -> dict[str, Any]:
    """Return the facts of the record that the form reads, as they are now; one statement, and one a collection."""
    if not body.paths:
        return {}
    rows: Any = apps.get_model(record_type).objects.filter(pk=record_id)
    return body.about.fetch(rows, body.paths).get(record_id, dict.fromkeys(body.paths))


def copied(body: TemplateBody, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the form shows of the record, by field, as it is kept with the packet."""
    return {one.key: plain(facts.get(one.source_path)) for one in body.sourced}


def lacking(
    body: TemplateBody, values: Mapping[str, Any], facts: Mapping[str, Any], now: datetime
) -> list[Finding]:
    """Return a finding for every answer that is needed and empty; what is unknown is needed. Source: M8."""
    seen = {**facts, **_as_facts(body, values)}
    found = []
    for one in body.fields:
        empty = facts.get(one.source_path) if one.source_path else values.get(one.key)
        if empty not in (None, ""):
            continue
        why = ""
        if condition := body.conditions.get(one.key):
            if rules.evaluate(condition, seen, now).outcome == Outcome.FALSE:
                continue
            why = f" when {rules.describe(condition.root)}"
        elif not one.required:
            continue
        where = "Fill it in on the record" if one.source_path else "Fill it in"
        message = f"{one.label} is empty; it is needed{why}. {where} before you submit."
        found.append(Finding("PKT-003", message, field=one.key, needed="a value"))
    return found


def _as_facts(body: TemplateBody, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers as the rules read them; one that would not fit any more is none."""
    return {PREFIX + one.key: _typed(one, values.get(one.key)) for one in body.typed}


def _typed(one: TemplateField, stored: Any) -> Any:
    if stored is None or one.type == "long_text":
        return stored
    try:
        return read_literal(TYPES[one.type], stored, [(choice.code, choice.label) for choice in one.choices])
    except Unfit:
        return None
