"""The weekly review of a team's pipeline: its rows frozen, the review held, what follows agreed. Source: addenda."""

from opportunities.actions.reviewing.freezing import freeze, freeze_team
from opportunities.actions.reviewing.reviewing import agree, edit_review, hold

__all__ = ["agree", "edit_review", "freeze", "freeze_team", "hold"]
