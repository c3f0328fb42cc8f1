"""What binds a simulation, and an approval, to one draft: the digest of its key, scope, mode and body."""

import hashlib
from collections.abc import Mapping
from typing import Any

from revops.kernel.audit.canonical import dumps
from revops.kernel.policies.models import PolicyVersion


def digest(key: str, *, scope: Mapping[str, Any], mode: str, body: Any) -> str:
    """Return the digest of what a version would say: another body, mode or scope has another one."""
    return hashlib.sha256(dumps({"key": key, "scope": dict(scope), "mode": mode, "body": body})).hexdigest()


def digest_of(version: PolicyVersion) -> str:
    """Return the digest of a stored version."""
    policy = version.policy
    return digest(policy.key, scope=policy.scope, mode=version.mode, body=version.body)
