"""Draft the versions of a policy, and adopt the shipped ones."""

from collections.abc import Mapping
from typing import Any

from revops.kernel import audit
from revops.kernel.audit.writing import lock_many
from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.policies import documents
from revops.kernel.policies.actions.checking import declared, told_wrong
from revops.kernel.policies.actions.running import seen_at_once
from revops.kernel.policies.documents import PolicyDocument
from revops.kernel.policies.enums import Mode, Status
from revops.kernel.policies.models import Policy, PolicyVersion
from revops.kernel.policies.permissions import DRAFTED


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
    migrate: bool = False,
    reason: str = "",
) -> PolicyVersion:
    """Write the next version of a policy as a draft; the first draft of a key keeps the shipped default as version 1.

    `mode` is by default the shipped one; `priority` decides between scopes as specific as each other; `migrate` lets
    the version hold for what is in flight as well. Raises Blocked with every finding: an unknown policy, a body that
    does not fit, a scope the document does not know.
    """
    with audit.change(by=by, action="policy.draft", reason=reason):
        access.require_create(by, PolicyVersion, DRAFTED)
        document = declared(key)
        told = told_wrong(document, mode, scope or {}, source_note=source_note)
        findings = [*document.findings(body), *told]
        if findings:
            raise audit.Blocked(findings)
        policy = _policy(document, scope or {}, priority)
        note, insists = source_note.strip(), Mode(mode or document.mode)
        draft = next_version(policy, body=body, mode=insists, source_note=note, migrate=migrate)
        return audit.write(draft)


@seen_at_once
def edit_draft(
    *,
    by: User,
    pk: int,
    body: Any,
    version: int | None = None,
    mode: str | None = None,
    source_note: str | None = None,
    migrate: bool | None = None,
    reason: str = "",
) -> PolicyVersion:
    """Give a draft another body, mode, source or `migrate`; what is left out stays.

    Raises Blocked with every finding, and for a version that is no draft any more: what was approved is what goes live.
    Conflict when somebody was faster.
    """
    with audit.change(by=by, action="policy.edit_draft", reason=reason):
        found = PolicyVersion.objects.visible_to(by).get(pk=pk)
        audit.lock(Policy.objects.visible_to(by), pk=found.policy_id)
        draft: PolicyVersion = audit.lock(PolicyVersion.objects.visible_to(by), pk=pk, version=version)
        access.require_create(by, PolicyVersion, DRAFTED)
        document = declared(draft.policy.key)
        findings = [
            *_no_draft(draft),
            *document.findings(body),
            *told_wrong(document, mode or "", {}, source_note=source_note),
        ]
        if findings:
            raise audit.Blocked(findings)
        draft.body, draft.mode = body, mode or draft.mode
        draft.source_note = draft.source_note if source_note is None else source_note.strip()
        draft.migrate = draft.migrate if migrate is None else migrate
        return audit.write(draft)


def _no_draft(version: PolicyVersion) -> list[audit.Finding]:
    if version.status == Status.DRAFT:
        return []
    remedy = "Draft the next version."
    if version.status == Status.APPROVED:
        remedy = f"Take it back to a draft by {version.authority}, or draft the next version."
    message = (
        f"{version} is {version.get_status_display().lower()}; what was approved does not change. {remedy}"
    )
    return [audit.Finding("POL-017", message, field="status", found=version.status, needed="draft")]


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
            applied_at=now if document.applied else None,
        )
    )


def next_version(policy: Policy, *, body: Any, mode: Mode, source_note: str, migrate: bool) -> PolicyVersion:
    """Return the next version of a locked policy as a draft that is not written yet."""
    last = PolicyVersion.objects.filter(policy=policy).order_by("-n").values_list("n", flat=True).first()
    return PolicyVersion(
        policy=policy,
        n=(last or 0) + 1,
        body=body,
        mode=mode,
        source_note=source_note,
        migrate=migrate,
    )


@seen_at_once
def adopt_shipped(*, by: User, reason: str = "") -> list[PolicyVersion]:
    """Write the shipped default of every policy that has no version yet as version 1, in force from now on."""
    with audit.change(by=by, action="policy.adopt", reason=reason):
        access.require_create(by, PolicyVersion, DRAFTED)
        held = set(Policy.objects.filter(scope_key="").values_list("key", flat=True))
        missing = [document for document in documents.every() if document.key not in held]
        made = [Policy(key=document.key, domain=document.domain, scope={}) for document in missing]
        audit.write_many(made)
        return [_adopt(policy, document) for policy, document in zip(made, missing, strict=True)]
