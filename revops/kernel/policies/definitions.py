"""Lists that are policies and stand in a table as well: what versions have named so far, and whether set-up lasts."""

from typing import Any

from revops.kernel.audit import Finding, Remedy
from revops.kernel.policies import documents
from revops.kernel.policies.models import PolicyVersion, SetUpMode


def named(key: str, items: str, by: str) -> set[str]:
    """Return what any version that went live, or the shipped default, names: `by` of every item under `items`."""
    rows = PolicyVersion.objects.filter(policy__key=key, effective_from__isnull=False)
    bodies: list[Any] = [documents.get(key).default, *rows.values_list("body", flat=True)]
    return {str(item[by]) for body in bodies for item in body.get(items, ()) if by in item}


def set_up_ended() -> bool:
    """Say whether set-up mode has ended: from then on only an approved request changes what policies say."""
    return bool(SetUpMode.objects.exists())


def closed(key: str, code: str = "POL-010") -> Finding | None:
    """Return what speaks against changing a list directly that the policy `key` keeps; None while set-up lasts."""
    if not set_up_ended():
        return None
    title = documents.get(key).title
    message = f"Set-up mode has ended: {title.lower()} change by an approved request. Draft the next version of {key}."
    remedy = Remedy("Draft a version", f"/rules/{key}/draft/")
    return Finding(
        code, message, field="authority", needed="an approved request", rule=key, remedies=(remedy,)
    )
