"""What happens in the demo company, written down instant by instant and then lived through in order.

An entry is one call of an action at its instant, by the person whose work it is. So every rule speaks, every
history has its author, and nothing is there that a person could not have done.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from accounts.models import Account, Campaign, Contact, Lead, Product
from opportunities.models import Opportunity
from revops.kernel import clocks
from revops.kernel.identity.models import User
from revops.kernel.people.models import Territory

Deed = Callable[[], object]


@dataclass(slots=True)
class Diary:
    """The entries, and what earlier ones made for later ones: accounts and their contacts by index, deals, leads.

    `products` and `use_cases` (ids) are kept by their code, `territories` by their region.
    """

    begin: datetime
    people: dict[str, User]
    products: dict[str, Product]
    campaigns: list[Campaign]
    use_cases: dict[str, int]
    territories: dict[str, Territory]
    accounts: dict[int, Account] = field(default_factory=dict)
    contacts: dict[int, list[Contact]] = field(default_factory=dict)
    deals: dict[int, Opportunity] = field(default_factory=dict)
    leads: dict[int, Lead] = field(default_factory=dict)
    _entries: list[tuple[timedelta, int, Deed]] = field(default_factory=list)
    _numbers: "count[int]" = field(default_factory=count)

    def note(self, at: timedelta, deed: Deed) -> None:
        """Write down what happens `at` this distance from the beginning; of one instant, in the order of writing."""
        self._entries.append((at, next(self._numbers), deed))

    def instant(self, at: timedelta) -> datetime:
        """Return the instant of a distance."""
        return self.begin + at

    def live(self) -> None:
        """Do everything, in order, each with the clock at its instant."""
        for at, _, deed in sorted(self._entries, key=lambda entry: entry[:2]):
            with clocks.at(self.instant(at)):
                deed()
        self._entries.clear()
