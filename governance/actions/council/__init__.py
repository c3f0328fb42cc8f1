"""The only writes of the council: topics, votes, decisions and what follows from them."""

from governance.actions.council.deciding import add_follow_up, decide, defer, withdraw_item
from governance.actions.council.proposing import create_item, edit_item, put_to_council
from governance.actions.council.voting import vote

__all__ = [
    "add_follow_up",
    "create_item",
    "decide",
    "defer",
    "edit_item",
    "put_to_council",
    "vote",
    "withdraw_item",
]
