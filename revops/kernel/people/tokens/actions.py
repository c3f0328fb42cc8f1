"""Minting and revoking tokens."""

from datetime import timedelta

from knox.crypto import create_token_string, hash_token

from revops.kernel import audit
from revops.kernel.audit import Finding
from revops.kernel.identity.models import User, UserKind
from revops.kernel.people import access, queries
from revops.kernel.people.tokens.enums import TokenScope
from revops.kernel.people.tokens.models import ApiToken

MAX_DAYS = 365
PREFIX = 8


def create_token(
    *, by: User, name: str, scope: str, days: int, user_id: int | None = None, using: ApiToken | None = None
) -> tuple[ApiToken, str]:
    """Mint a token for oneself, or for a service; return it with its text, which nobody can read again.

    A token made with a token (`using`) neither writes more nor lives longer than that one. Raises Blocked,
    Forbidden.
    """
    with audit.change(by=by, action="token.create") as change:
        given = {"name", "scope", "expires_at"} | ({"user"} if user_id is not None else set())
        access.require_create(by, ApiToken, given)
        holder = by if user_id is None else queries.visible_users(by).get(pk=user_id)
        findings = _check(name, scope, days)
        if holder.pk != by.pk and (holder.kind != UserKind.SERVICE or not holder.is_active):
            message = f"{holder} is no active service. People create their own tokens."
            findings.append(
                Finding("API-012", message, field="user", found=str(holder), needed="an active service")
            )
        expires_at = change.recorded_at + timedelta(days=min(max(days, 1), MAX_DAYS))
        if using is not None and expires_at > using.expires_at:
            message = f"A token cannot make one that outlives it ({using.expires_at:%Y-%m-%d}). Sign in to make one."
            findings.append(Finding("API-013", message, field="days", found=str(days), needed="fewer days"))
        if findings:
            raise audit.Blocked(findings)
        text = create_token_string()
        token = ApiToken(
            user=holder,
            name=name.strip(),
            scope=scope,
            prefix=text[:PREFIX],
            digest=hash_token(text),
            expires_at=expires_at,
        )
        return audit.write(token), text


def _check(name: str, scope: str, days: int) -> list[Finding]:
    findings = []
    if not 1 <= len(name.strip()) <= 80 or not name.isprintable():
        needed = "1 to 80 visible characters"
        message = f"Give the token a name of {needed}, so that you know it again."
        findings.append(Finding("API-010", message, field="name", found=ascii(name[:80]), needed=needed))
    if scope not in TokenScope.values:
        message = f"scope: {scope[:20]!r} does not fit. Use read or write."
        findings.append(Finding("API-010", message, field="scope", found=scope[:20], needed="read or write"))
    if not 1 <= days <= MAX_DAYS:
        message = f"A token lives from 1 to {MAX_DAYS} days; {days} does not fit."
        findings.append(Finding("API-011", message, field="days", found=str(days), needed=f"1 to {MAX_DAYS}"))
    return findings


def revoke_token(*, by: User, pk: int) -> ApiToken:
    """End a token now. Revoking one that has ended changes nothing."""
    with audit.change(by=by, action="token.revoke") as change:
        token: ApiToken = audit.lock(ApiToken.objects.visible_to(by), pk=pk)
        access.require(by, "revoke", token)
        token.revoked_at = token.revoked_at or change.recorded_at
        return audit.write(token)
