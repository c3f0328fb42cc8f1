"""Governed reasons: which there are, and whether one may be given with what was said beside it. Source: d2 `Reason`."""

from collections.abc import Iterator, Sequence
from typing import Any, overload

from opportunities.enums import ReasonKind
from opportunities.models import Reason
from revops.kernel.audit import Finding


class ReasonChoices(Sequence[tuple[str, str]]):
    """The reasons of some kinds as a form offers them, read when they are asked for: operations keep the list."""

    def __init__(self, *kinds: ReasonKind) -> None:
        self._kinds = kinds

    def _rows(self) -> list[tuple[str, str]]:
        rows = Reason.objects.filter(kind__in=self._kinds, is_active=True).order_by("pk")
        found = list(rows.values_list("kind", "code", "label"))
        return [(code, label) for kind in self._kinds for held, code, label in found if held == kind]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._rows())

    def __len__(self) -> int:
        return len(self._rows())

    @overload
    def __getitem__(self, place: int) -> tuple[str, str]: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[tuple[str, str]]: ...
    def __getitem__(self, place: Any) -> Any:
        return self._rows()[place]


def named(
    kind: ReasonKind, code: str, *, said: str, field: str, refusal: str, needed: bool = True
) -> tuple[Reason | None, list[Finding]]:
    """Return the active reason of `kind` called `code`, and what speaks against it.

    `said` is what somebody wrote beside it; a reason that needs words needs it. `refusal` is the finding's code.
    """
    if not code:
        if not needed:
            return None, []
        known = ", ".join(code for code, _ in ReasonChoices(kind))
        message = f"{kind.label} needs a reason. Choose one of {known}."
        return None, [Finding(refusal, message, field=field, needed=known)]
    found = Reason.objects.filter(kind=kind, code=code, is_active=True).first()
    if found is None:
        known = ", ".join(code for code, _ in ReasonChoices(kind))
        message = f"{code[:40]!r} is no reason of this kind ({kind.label.lower()}). Choose one of {known}."
        return None, [Finding(refusal, message, field=field, found=code[:40], needed=known)]
    if found.requires_text and not said.strip():
        message = f"“{found.label}” needs words: say in the reason what it was."
        return found, [Finding(refusal, message, field="reason", found=code, needed="words")]
    return found, []
