"""Draft the versions of a policy, and adopt the shipped ones."""

import re
from collections.abc import Mapping
from typing import Any

from revops.kernel import audit
from revops.kernel.audit.writing import lock_many
from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.policies import documents
from revops.kernel.policies.actions.running import seen_at_once
from revops.kernel.policies.documents import PolicyDocument
from revops.kernel.policies.enums import Mode, Status
from revops.kernel.policies.models import Policy, PolicyVersion

_SCOPE_VALUE = re.compile(r"[\w .:/-]{1,60}")


@seen_at_once
def draft_version(
    *,
    by: User,
    key: str,
    body: Any,
    source_note: str,
    mode: str = "",
    scope: Mapping[str, Any] | None = None,
    priority: int | None = None,
    reason: str = "",
) -> PolicyVersion:
    """Write the next version of a policy as a draft; the first draft of a key keeps the shipped default as version 1.

    `mode` is by default the shipped one; `priority` decides between scopes as specific as each other. Raises Blocked
    with every finding: an unknown policy, a body that does not fit, a scope the document does not know.
    """
    with audit.change(by=by, action="policy.draft", reason=reason):
        access.require_create(by, PolicyVersion, {"policy", "body", "mode", "source_note"})
        document = declared(key)
        findings = [*document.findings(body), *_told(document, mode, source_note, scope or {})]
        if findings:
            raise audit.Blocked(findings)
        policy = _policy(document, scope or {}, priority)
        return _write_version(
            policy,
            body=body,
            mode=Mode(mode or document.mode),
            source_note=source_note.strip(),
        )


def declared(key: str) -> PolicyDocument:
    try:
        return documents.get(key)
    except LookupError:
        known = ", ".join(document.key for document in documents.every())
        message = f"{key[:80]!r} is no policy. Use one of {known}."
        raise audit.Blocked.because(
            "POL-002", message, field="key", found=key, needed="a known policy"
        ) from None


def _told(
    document: PolicyDocument, mode: str, source_note: str, scope: Mapping[str, Any]
) -> list[audit.Finding]:
    """Return what is wrong with what is said about a version."""
    findings = []
    if mode and mode not in Mode.values:
        needed = ", ".join(Mode.values)
        message = f"{mode[:20]!r} is no mode; use one of {needed}."
        findings.append(audit.Finding("POL-003", message, field="mode", found=mode[:20], needed=needed))
    if not 1 <= len(source_note.strip()) <= 500 or not source_note.isprintable():
        message = "Say where this version comes from, in 1 to 500 visible characters."
        findings.append(audit.Finding("POL-004", message, field="source_note", found=source_note[:80]))
    for name, value in scope.items():
        if name not in document.scopes:
            needed = ", ".join(document.scopes) or "no scope: it is the same for everything"
            message = f"{document.title} does not differ by {str(name)[:40]!r}; it has {needed}."
            findings.append(
                audit.Finding("POL-005", message, field="scope", found=str(name)[:40], needed=needed)
            )
        elif not isinstance(value, str) or not _SCOPE_VALUE.fullmatch(value):
            message = f"The {name} of a scope is a word of at most 60 letters, digits and . : / -."
            findings.append(audit.Finding("POL-006", message, field="scope", found=str(value)[:60]))
    return findings


def _policy(document: PolicyDocument, scope: Mapping[str, Any], priority: int | None) -> Policy:
    """Return the locked policy of this scope; a new one without scope begins with the shipped default."""
    scope_key = "&".join(f"{name}={scope[name]}" for name in sorted(scope))
    held = lock_many(Policy.objects.filter(key=document.key, scope_key=scope_key))
    if held:
        policy: Policy = held[0]
        if priority is not None:
            policy.priority = priority
            audit.write(policy)
        return policy
    policy = Policy(
        key=document.key,
        domain=document.domain,
        scope=dict(scope),
        scope_key=scope_key,
        priority=priority or 0,
    )
    audit.write(policy)
    if not scope:
        _adopt(policy, document)
    return policy


def _adopt(policy: Policy, document: PolicyDocument) -> PolicyVersion:
    """Write the shipped default as version 1, in force from now on."""
    now = audit.current().recorded_at
    return audit.write(
        PolicyVersion(
            policy=policy,
            n=1,
            body=dict(document.default),
            mode=document.mode,
            status=Status.ACTIVE,
            effective_from=now,
            authority="shipped default",
            source_note=document.source,
        )
    )


def _write_version(policy: Policy, *, body: Any, mode: Mode, source_note: str) -> PolicyVersion:
    last = PolicyVersion.objects.filter(policy=policy).order_by("-n").values_list("n", flat=True).first()
    return audit.write(
        PolicyVersion(policy=policy, n=(last or 0) + 1, body=body, mode=mode, source_note=source_note)
    )


@seen_at_once
def adopt_shipped(*, by: User, reason: str = "") -> list[PolicyVersion]:
    """Write the shipped default of every policy that has no version yet as version 1, in force from now on."""
    with audit.change(by=by, action="policy.adopt", reason=reason):
        access.require_create(by, PolicyVersion, {"policy", "body", "mode", "source_note"})
        held = set(Policy.objects.filter(scope_key="").values_list("key", flat=True))
        missing = [document for document in documents.every() if document.key not in held]
        made = [Policy(key=document.key, domain=document.domain, scope={}) for document in missing]
        audit.write_many(made)
        return [_adopt(policy, document) for policy, document in zip(made, missing, strict=True)]
