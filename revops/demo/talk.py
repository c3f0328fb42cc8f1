"""The last day of the demo company's diary: who follows what, who names whom, how they want to be told."""

from datetime import timedelta
from functools import partial

from accounts.actions import edit_account
from opportunities import actions as deals
from opportunities.enums import OPEN
from opportunities.models import OppContactRole
from revops.demo import plan
from revops.demo.diary import Diary
from revops.demo.plan.companies import DAYS
from revops.kernel.identity.models import User
from revops.kernel.notifications import choosing
from revops.kernel.records import following

_ACCOUNT, _DEAL = "accounts.account", "opportunities.opportunity"
_SAID = (
    ("alice", "mona", "They want the price in writing. {} can you look at the discount before Friday?"),
    ("bob", "mona", "Security review is the last open point. {} is our legal team free next week?"),
    ("alice", "bob", "Same procurement team as in your deal. {} how long did they take to sign?"),
    ("bob", "alice", "The champion changed jobs. {} you know the new one, would you introduce me?"),
)


def write(diary: Diary) -> None:
    """Write down the talk of the last day."""
    end = timedelta(days=DAYS)
    diary.note(end - timedelta(hours=30), partial(_follow, diary))
    for number, (by, whom, text) in enumerate(_SAID):
        diary.note(
            end - timedelta(hours=6, minutes=-40 * number), partial(_say, diary, number, by, whom, text)
        )
    diary.note(end - timedelta(hours=3), partial(_change, diary))


def _open_deals(diary: Diary, owner: str) -> list[int]:
    """Return the ids of the open deals of somebody, in the order of the plan."""
    return [
        diary.deals[number].pk
        for number, deal in enumerate(plan.deals())
        if number in diary.deals and deal.stage in OPEN and plan.companies()[deal.company].owner == owner
    ]


def _follow(diary: Diary) -> None:
    people = diary.people
    following.use_owned(by=people["eva"], owned=True)
    for owner in ("alice", "bob"):
        following.follow_many(by=people["mona"], label=_DEAL, ids=_open_deals(diary, owner)[:5])
    accounts = [diary.accounts[index].pk for index in sorted(diary.accounts)[:6]]
    for key in ("rita", "alice"):
        following.follow_many(by=people[key], label=_ACCOUNT, ids=accounts)
    choosing.choose(by=people["mona"], kind="followed", in_bell=True, mail="none")
    choosing.choose_daily(by=people["eva"], hour=17, weekdays_only=True)


def _say(diary: Diary, number: int, by: str, whom: str, text: str) -> None:
    values = {"kind": "note", "subject": "Question", "body": text.format(_named(diary.people[whom]))}
    pk = _open_deals(diary, by)[number]
    deals.log_activity(by=diary.people[by], pk=pk, values=values)


def _named(person: User) -> str:
    return f"@[{person.name}](user:{person.pk})"


def _change(diary: Diary) -> None:
    """Let operations change what others follow, and name the owner of one of it."""
    rita, alice = diary.people["rita"], diary.people["alice"]
    mine = [index for index in sorted(diary.accounts) if plan.companies()[index].owner == "alice"]
    said = f"{_named(alice)} the register says they moved. Please check the address with them."
    following.follow_many(by=alice, label=_ACCOUNT, ids=[diary.accounts[mine[0]].pk])
    edit_account(by=rita, pk=diary.accounts[mine[0]].pk, changes={"description": said, "city": "Boston"})
    for deal in _open_deals(diary, "alice")[:3]:
        step = "Send the revised offer and agree on the signing date"
        with_whom = (
            OppContactRole.objects.filter(opportunity=deal).order_by("pk").values_list("contact", flat=True)
        )
        deals.edit_opportunity(
            by=alice, pk=deal, changes={"next_step": step, "next_step_contact": with_whom.first()}
        )
