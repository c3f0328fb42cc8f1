"""The people of the measured company, written through the actions: one RevOps, managers of fifty, their reps."""

from dataclasses import asdict, dataclass

from accounts.models import Account
from revops.kernel.identity.models import User
from revops.kernel.people import actions
from revops.kernel.people.access import organisation
from revops.kernel.people.enums import Role

DOMAIN = "bench.example"
TEAMS_A_MANAGER = 5
REPS_A_TEAM = 10
REPS_A_MANAGER = TEAMS_A_MANAGER * REPS_A_TEAM
# Full size from so many accounts on: twenty managers, a hundred teams, a thousand reps.
FULL_FROM = 100_000
FULL_MANAGERS = 20


@dataclass(frozen=True)
class Company:
    """The ids of who asks: somebody of each scope, and how many there are."""

    admin: int
    revops: int
    manager: int
    owner: int
    reps: int
    teams: int

    def as_json(self) -> dict[str, int]:
        return asdict(self)


def found(accounts: int, *, managers: int = 0) -> Company:
    """Create the organisation for about so many accounts. Every manager has 50 people in 5 teams of 10."""
    full = FULL_MANAGERS if accounts >= FULL_FROM else max(1, min(FULL_MANAGERS, accounts // 5_000))
    managers = managers or full
    admin = actions.bootstrap_admin(email=f"admin@{DOMAIN}", name="Ada Admin")
    operations = actions.create_team(by=admin, name="Operations")
    revops = _person(admin, "rita", "Rita Rossi", Role.REVOPS, team=operations)
    organisation.forget()  # else this process knows of the new role only after half a second
    actions.create_queue(by=revops, name="Unassigned", key="unassigned", team=operations, members=[revops])
    head = _person(admin, "vera", "Vera Voss", Role.VP_SALES)
    root = actions.create_team(by=admin, name="Revenue", manager=head)
    for number in range(managers):
        boss = _person(admin, f"manager{number}", f"Mona Meyer {number}", Role.SALES_MGR, manager=head)
        region = actions.create_team(by=admin, name=f"Region {number:02d}", parent=root, manager=boss)
        for squad in range(TEAMS_A_MANAGER):
            team = actions.create_team(by=admin, name=f"Team {number:02d}-{squad}", parent=region)
            for rep in range(REPS_A_TEAM):
                key = f"rep{number:02d}{squad}{rep}"
                _person(admin, key, f"Alice Adams {key}", Role.AE, team=team, manager=boss)
    middle = managers // 2
    return Company(
        admin=admin.pk,
        revops=revops.pk,
        manager=User.objects.get(email=f"manager{middle}@{DOMAIN}").pk,
        owner=User.objects.get(email=f"rep{middle:02d}23@{DOMAIN}").pk,
        reps=managers * REPS_A_MANAGER,
        teams=managers * (TEAMS_A_MANAGER + 1) + 2,
    )


def _person(admin: User, key: str, name: str, role: Role, *, team=None, manager=None) -> User:
    return actions.create_user(
        by=admin, email=f"{key}@{DOMAIN}", name=name, roles=[role], team=team, manager=manager
    )


def reps() -> list[tuple[int, int]]:
    """Return (person, home team) of every rep, in one order."""
    from revops.kernel.people.models import TeamMembership

    rows = TeamMembership.objects.filter(user__email__startswith="rep", is_home=True, active_to__isnull=True)
    return list(rows.order_by("user_id").values_list("user_id", "team_id"))


def count() -> int:
    """Return how many accounts there are."""
    return Account._base_manager.count()
