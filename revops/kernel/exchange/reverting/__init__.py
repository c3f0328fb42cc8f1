"""Takes an import back: `plan` says what would become of each record, `run` does it.

Driven by the audit trail: every change of the import, newest first. A record that the import created is removed, one
that it changed gets back the values it held before; what somebody changed since, or what something newer refers to,
stays and is told. One change of the import is one transaction here, with its progress: a kill loses nothing. ADR 0015.
"""

from revops.kernel.exchange.reverting.report import Revert
from revops.kernel.exchange.reverting.working import plan, run

__all__ = ["Revert", "plan", "run"]
