"""The people of the demo company: one sign-in a role, in three regions."""

from dataclasses import dataclass

from revops.kernel.people.enums import Role

DOMAIN = "demo.example"


@dataclass(frozen=True, slots=True)
class Part:
    """Somebody of the demo company: `manager` and `team` name other parts and teams."""

    key: str
    name: str
    role: Role
    team: str = ""
    manager: str = ""

    @property
    def email(self) -> str:
        return f"{self.key}@{DOMAIN}"


TEAMS = (
    ("Revenue", "", "vera"),
    ("Americas", "Revenue", "dora"),
    ("East", "Americas", "mona"),
    ("West", "Americas", "marco"),
    ("EMEA", "Revenue", "emma"),
    ("Customer success", "Revenue", "lena"),
    ("Operations", "", "rita"),
    ("Finance and legal", "", "fin"),
)

PARTS = (
    Part("admin", "Ada Admin", Role.ADMIN),
    Part("vera", "Vera Voss", Role.VP_SALES, "Revenue"),
    Part("dora", "Dora Diaz", Role.DIRECTOR, "Americas", "vera"),
    Part("mona", "Mona Meyer", Role.SALES_MGR, "East", "dora"),
    Part("marco", "Marco Mills", Role.SALES_MGR, "West", "dora"),
    Part("emma", "Emma Evans", Role.SALES_MGR, "EMEA", "vera"),
    Part("alice", "Alice Adams", Role.AE, "East", "mona"),
    Part("bob", "Bob Brandt", Role.AE, "East", "mona"),
    Part("charlie", "Charlie Chen", Role.AE, "West", "marco"),
    Part("eva", "Eva Engel", Role.AE, "EMEA", "emma"),
    Part("sam", "Sam Sato", Role.SDR, "East", "mona"),
    Part("sven", "Sven Stone", Role.SE, "Americas", "dora"),
    Part("lena", "Lena Lopez", Role.CS_LEAD, "Customer success", "vera"),
    Part("carla", "Carla Costa", Role.CSM, "Customer success", "lena"),
    Part("ron", "Ron Reyes", Role.RENEWALS, "Customer success", "lena"),
    Part("rita", "Rita Rossi", Role.REVOPS, "Operations"),
    Part("olga", "Olga Olsen", Role.SALES_OPS, "Operations", "rita"),
    Part("mark", "Mark Moreau", Role.MKT_OPS, "Operations", "rita"),
    Part("fin", "Fin Fischer", Role.FINANCE, "Finance and legal"),
    Part("lara", "Lara Laurent", Role.LEGAL, "Finance and legal", "fin"),
    Part("dan", "Dan Dunn", Role.DEAL_DESK, "Finance and legal", "fin"),
    Part("cleo", "Cleo Clark", Role.EXEC),
    Part("otto", "Otto Oduya", Role.AUDITOR),
    Part("pia", "Pia Park", Role.PARTNER_MGR, "Operations", "rita"),
)
# Everybody may know it: the demo company exists to be tried.
PASSWORD = "revops-demo-2026"  # noqa: S105
