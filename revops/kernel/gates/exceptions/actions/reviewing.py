"""The weekly look at exceptions in force: one row an exception and week, filled in once."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from celery.schedules import crontab
from django.conf import settings
from django.db.models import Q, QuerySet

from revops.kernel import audit, clocks, outbox
from revops.kernel.audit import Finding
from revops.kernel.audit.writing import lock_many
from revops.kernel.gates.exceptions import checks, lapsing
from revops.kernel.gates.exceptions.enums import ExceptionState, ReviewDecision
from revops.kernel.gates.models.exceptions import ExceptionReview, PolicyException
from revops.kernel.identity.models import User
from revops.kernel.outbox import jobs
from revops.kernel.people import access

BATCH = 200


def week_of(now: datetime) -> date:
    """Return the Monday of the week, on the clock of the organisation."""
    day = now.astimezone(ZoneInfo(settings.ORG_TIME_ZONE)).date()
    return day - timedelta(days=day.weekday())


def open_reviews(now: datetime) -> int:
    """Open this week's review of every exception in force; return how many were opened.

    One that has an open review, or was looked at this week, gets none: late or doubled runs add nothing.
    """
    week, opened = week_of(now), 0
    while pks := list(_unreviewed(now, week).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        with audit.change(by=User.objects.system(), action="exception.open_reviews"):
            held = lock_many(_unreviewed(now, week).filter(pk__in=pks))
            for one in held:
                one.review_week = week
            audit.write_many(held)
            audit.write_many([ExceptionReview(exception=one, week=week) for one in held])
            for one in held:
                outbox.emit("exception.review_opened", one, {"week": week.isoformat()})
        opened += len(held)
        if not held:
            break
    return opened


def _unreviewed(now: datetime, week: date) -> QuerySet[PolicyException]:
    """Return the exceptions in force without an open review and without one of this week."""
    looked_at = ExceptionReview.objects.filter(Q(decision="") | Q(week=week)).values("exception_id")
    rows: QuerySet[PolicyException] = PolicyException.objects.active(now).exclude(pk__in=looked_at)
    return rows


@jobs.job("exceptions.review", owner="REVOPS", crontab=crontab(minute=0, hour=5, day_of_week="mon"))
def open_weekly() -> str:
    """Open the week's review of every exception in force."""
    return f"{open_reviews(clocks.now())} exceptions to review"


def review(*, by: User, pk: int, decision: str, note: str, version: int | None = None) -> PolicyException:
    """Say in the open review that an exception is kept, or revoke it, and why.

    Nobody reviews what they asked for or answer for. Raises Blocked with every finding, Conflict, Forbidden.
    """
    with audit.change(by=by, action="exception.review", reason=note) as change:
        held = lapsing.hold(PolicyException.objects.visible_to(by), pk, version)
        access.require(by, "review", held)
        if decision == ReviewDecision.REVOKE:
            access.require(by, "revoke", held)
        opened = lock_many(ExceptionReview.objects.filter(exception=held, decision=""))
        findings = [
            *_open(held, opened),
            *checks.in_force(held, change.recorded_at, "reviewed"),
            *_own(by, held),
            *checks.because(note, "so", field="note"),
        ]
        if decision not in (ReviewDecision.KEEP, ReviewDecision.REVOKE):
            findings.append(
                Finding(
                    "EXC-018", "Keep the exception, or revoke it.", "decision", decision, "keep or revoke"
                )
            )
        if findings:
            raise audit.Blocked(findings)
        said = " ".join(note.split())
        for one in opened:
            one.decision, one.note = decision, said
            one.reviewed_by, one.reviewed_at = by, change.recorded_at
        audit.write_many(opened)
        if decision == ReviewDecision.REVOKE:
            lapsing.end(held, ExceptionState.REVOKED, at=change.recorded_at, note=said)
        else:
            held.review_week = None
            audit.write(held)
            outbox.emit("exception.kept", held, lapsing.payload(held))
        return held


def _open(held: PolicyException, opened: list[ExceptionReview]) -> list[Finding]:
    if opened:
        return []
    message = "No review of this exception is open. The next one opens on Monday."
    return [Finding("EXC-017", message, "review_week", "", "an open review")]


def _own(by: User, held: PolicyException) -> list[Finding]:
    if by.pk not in (held.requested_by_id, held.owner_id):
        return []
    message = "Nobody reviews an exception that they asked for or answer for. Ask somebody else who may."
    return [Finding("EXC-012", message, "reviewed_by", str(by), "somebody else")]
