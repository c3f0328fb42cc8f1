"""What the exception registry registers when the app starts: access, its policy document, jobs, people who leave."""

from revops.kernel.gates import debts
from revops.kernel.gates.exceptions import lapsing, permissions, registry, rules
from revops.kernel.gates.exceptions.actions import reviewing
from revops.kernel.people import offboarding

__all__ = ["debts", "lapsing", "permissions", "reviewing", "rules"]

offboarding.on_leaving("gates.exceptions", follow=lapsing.revoke_of, foresee=lapsing.foresee)
for _key in ("consent", "suppression"):
    registry.never(_key, "who did not consent, or objected, is not contacted, and nobody may waive that.")
