from datetime import timedelta
from typing import Any

from django.test import Client

from opportunities.actions.reviewing import freeze
from opportunities.models import InspectionRecord, PipelineReview
from opportunities.queries.inspections import waiting
from revops.kernel import clocks
from revops.kernel.records import work
from tests.cast import Cast
from tests.opportunities.conftest import brought_to, open_deal
from tests.opportunities.inspected import committed, inspected


def browser(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_page_of_the_week_counts_what_is_done_and_lists_what_waits(cast: Cast) -> None:
    done, left = brought_to(cast, "proposal"), brought_to(cast, "proposal")
    row = inspected(cast, done)
    assert browser(cast.mona).get(f"/inspection-records/{row.pk}/").status_code == 200
    assert browser(cast.mona).get(f"/inspection-records/{row.pk}/history/").status_code == 200
    page = browser(cast.mona).get("/inspections/")
    assert (page.context["coverage"].done, page.context["coverage"].asked) == (1, 2)
    assert [deal.pk for deal in page.context["waiting"]] == [left.pk]
    told = {figure.metric.key: figure.text for figure in page.context["figures"]}
    assert (told["inspection_coverage_pct"], told["inspection_fail_q1_pct"]) == ("50%", "0%")
    assert browser(cast.fin).get("/inspections/").status_code == 404


def test_saving_an_inspection_shows_the_next_deal(cast: Cast) -> None:
    first, second = brought_to(cast, "proposal"), brought_to(cast, "proposal")
    client = browser(cast.mona)
    page = client.get("/inspections/through/")
    assert (page.context["deal"].pk, len(page.context["answers"]), page.context["total"]) == (first.pk, 5, 2)
    sent = {"outcome": "keep", "changed": "no", "at": "0", "version": str(page.context["deal"].version)}
    after = client.post(f"/inspections/{first.pk}/", sent, headers={"HX-Request": "true"})
    assert (after.status_code, after.context["deal"].pk, after.context["total"]) == (200, second.pk, 1)
    row = InspectionRecord.objects.get(opportunity=first)
    assert (row.inspector, row.outcome) == (cast.mona, "keep")


def test_a_refused_inspection_says_why_and_keeps_what_was_entered(cast: Cast) -> None:
    deal = committed(cast)
    client = browser(cast.mona)
    with clocks.at(clocks.now() + timedelta(days=8)):
        sent = {"outcome": "keep", "changed": "yes", "note": "They will sign", "at": "0"}
        page = client.post(f"/inspections/{deal.pk}/", sent, headers={"HX-Request": "true"})
    assert (page.status_code, page.context["deal"].pk) == (422, deal.pk)
    assert [one.criterion for one in page.context["refusal"].findings] == ["q1"]
    assert "They will sign" in page.content.decode()
    assert browser(cast.marco).post(f"/inspections/{deal.pk}/", sent).status_code == 404
    assert browser(cast.alice).post(f"/inspections/{deal.pk}/", sent).status_code == 403


def test_deals_to_inspect_wait_in_the_work_of_their_manager(cast: Cast) -> None:
    deal = brought_to(cast, "proposal")
    open_deal(cast)
    now = clocks.now()
    assert [one.pk for one in waiting.waiting(cast.mona, now, 9)] == [deal.pk]
    assert [one.source for one in work.work(cast.mona, now).items] == ["inspection"]
    assert list(waiting.waiting(cast.alice, now, 9)) == []


def test_a_review_shows_its_rows_and_hands_out_its_file(cast: Cast) -> None:
    open_deal(cast)
    freeze(clocks.now())
    review = PipelineReview.objects.get()
    client = browser(cast.mona)
    assert client.get("/pipeline-reviews/").status_code == 200
    assert client.get(f"/pipeline-reviews/{review.pk}/").status_code == 200
    sheet = client.get(f"/pipeline-reviews/{review.pk}/export.csv")
    assert (sheet.status_code, sheet["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert sheet.content.decode().splitlines()[1].endswith(review.run.checksum)
    assert browser(cast.otto).get(f"/pipeline-reviews/{review.pk}/export.csv").status_code == 403


def test_the_api_inspects_a_deal_and_lists_inspections(cast: Cast) -> None:
    deal = brought_to(cast, "proposal")
    client = browser(cast.mona)
    address = f"/api/v1/opportunities/{deal.pk}/inspect/"
    sent = {"outcome": "keep", "changed": "no", "version": deal.version}
    answer = client.post(address, sent, content_type="application/json")
    assert answer.status_code == 200, answer.content
    (row,) = client.get("/api/v1/inspection-records/").json()["results"]
    assert (row["outcome"], row["opportunity"]["id"]) == ("keep", deal.pk)
    assert client.get("/api/v1/pipeline-runs/").json()["results"] == []
