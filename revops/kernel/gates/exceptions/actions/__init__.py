"""The only writes of exceptions: asked for, granted, extended, ended, looked at again."""

from revops.kernel.gates.exceptions.actions.asking import request_exception, withdraw_exception
from revops.kernel.gates.exceptions.actions.deciding import approve, reject, renew, revoke
from revops.kernel.gates.exceptions.actions.reviewing import open_reviews, review

__all__ = [
    "approve",
    "open_reviews",
    "reject",
    "renew",
    "request_exception",
    "review",
    "revoke",
    "withdraw_exception",
]
