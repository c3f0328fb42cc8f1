"""MEDDICC: how well each element of a deal is known, and what shows it. Source: d2 `Meddicc`."""

from opportunities.actions.meddicc.scoring import create_score, edit_score, score, write_score

__all__ = ["create_score", "edit_score", "score", "write_score"]
