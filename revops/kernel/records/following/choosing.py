"""Follow and unfollow. One follows what one sees; what one no longer sees tells nothing and is shown nowhere."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, QuerySet, When

from revops.kernel import clocks
from revops.kernel.audit import Blocked
from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.records import registry
from revops.kernel.records.models import Follow, FollowingChoice

MOST_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Followed:
    """Whether somebody follows a record, and how many people do."""

    mine: bool
    followers: int


def following(user: User, label: str, pk: int) -> Followed:
    """Return whether `user` follows the record, and how many people do, in one query."""
    rows = Follow.objects.filter(record_type=label, record_id=pk)
    counted = rows.aggregate(every=Count("pk"), mine=Count(Case(When(user=user, then="pk"))))
    return Followed(counted["mine"] > 0, counted["every"])


def follow(*, by: User, label: str, pk: int) -> None:
    """Let `by` follow the record. Raises DoesNotExist for one they do not see, LookupError for a type without pages."""
    kind = _followable(label)
    if not 0 < pk < 2**63:
        raise kind.model.DoesNotExist
    kind.model.objects.visible_to(by).only("pk").get(pk=pk)
    _write(by, label, [pk])


def follow_many(*, by: User, label: str, ids: Iterable[int]) -> int:
    """Let `by` follow those of these records that they see; return how many of them they follow then.

    What one does not see is passed over in silence, as if it did not exist. A constant number of statements for
    a thousand records. Raises Blocked for more than 10,000.
    """
    wanted = {pk for pk in ids if 0 < pk < 2**63}
    if len(wanted) > MOST_AT_ONCE:
        message = f"At most {MOST_AT_ONCE:,} records can be followed at once; these are {len(wanted):,}. Choose fewer."
        raise Blocked.because(
            "FOL-001", message, found=f"{len(wanted):,}", needed=f"at most {MOST_AT_ONCE:,}"
        )
    kind = _followable(label)
    seen = kind.model.objects.visible_to(by).filter(pk__in=wanted).values_list("pk", flat=True)
    found = sorted(seen) if wanted else []
    _write(by, label, found)
    return len(found)


def _write(by: User, label: str, ids: Iterable[int]) -> None:
    now = clocks.now()
    rows = [Follow(user=by, record_type=label, record_id=pk, created_at=now) for pk in ids]
    Follow.objects.bulk_create(rows, batch_size=1_000, ignore_conflicts=True)


def unfollow(*, by: User, label: str, pk: int) -> None:
    """Let `by` no longer follow the record; harmless for one they did not follow."""
    unfollow_many(by=by, label=label, ids=[pk])


def unfollow_many(*, by: User, label: str, ids: Iterable[int]) -> int:
    """Let `by` no longer follow these records; return how many they had followed."""
    return Follow.objects.filter(user=by, record_type=label, record_id__in=list(ids)).delete()[0]


def ids_of(user: User, label: str) -> QuerySet[Any]:
    """Return the ids of the records of one type that `user` follows, for the condition of a list."""
    return Follow.objects.filter(user=user, record_type=label).values("record_id")


def followed(user: User, *, limit: int = 100) -> list[tuple[registry.RecordType, int, str]]:
    """Return (type, id, title) of what `user` follows and still sees, the latest first: one query and one a type."""
    rows = list(Follow.objects.filter(user=user).order_by("-created_at", "-pk")[:limit])
    kinds = {kind.label: kind for kind in registry.every()}
    titles: dict[str, dict[int, str]] = {}
    for label in {row.record_type for row in rows} & kinds.keys():
        ids = [row.record_id for row in rows if row.record_type == label]
        titles[label] = titles_of(user, kinds[label], ids)
    return [
        (kinds[row.record_type], row.record_id, titles[row.record_type][row.record_id])
        for row in rows
        if row.record_id in titles.get(row.record_type, {})
    ]


def titles_of(user: User, kind: registry.RecordType, ids: Iterable[int]) -> dict[int, str]:
    """Return the titles, by id, of those of these records that `user` sees: the number where they may not read it."""
    rows = kind.model.objects.visible_to(user).filter(pk__in=list(ids))
    if kind.title not in access.readable(user, kind.label):
        return {pk: kind.number(pk) for pk in rows.values_list("pk", flat=True)}
    return {pk: str(title) or kind.number(pk) for pk, title in rows.values_list("pk", kind.title)}


def follows_owned(user: User) -> bool:
    """Say whether `user` follows by itself what becomes theirs."""
    return FollowingChoice.objects.filter(user=user, owned=True).exists()


def use_owned(*, by: User, owned: bool) -> None:
    """Keep whether `by` follows by itself what becomes theirs, from now on; what they follow already stays."""
    if owned != follows_owned(by):
        FollowingChoice.objects.update_or_create(user=by, defaults={"owned": owned, "since": clocks.now()})


def _followable(label: str) -> registry.RecordType:
    kind = registry.get(label)
    if not kind.has_pages:
        raise LookupError(f"{kind.plural} have no page of their own to follow.")
    return kind
