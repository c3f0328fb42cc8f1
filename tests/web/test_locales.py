"""How each locale writes, and that two readers in one process never get each other's texts."""

from datetime import UTC, datetime
from decimal import Decimal
from threading import Barrier, Thread
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from revops.kernel import clocks
from revops.kernel.people import preferences
from revops.web import formatting
from revops.web.locales import style

NB, NNB = "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}"
NOON = datetime(2026, 3, 12, 15, 5, tzinfo=UTC)
WRITTEN = {
    "en_US": ("€1,234,567.50", "CHF" + NB + "12", "1,234,567", "12.5%", "Mar 12, 2026, 3:05 PM UTC", "Sunday"),
    "en_GB": ("€1,234,567.50", "CHF" + NB + "12", "1,234,567", "12.5%", "12 Mar 2026, 15:05 UTC", "Monday"),
    "de_DE": (f"1.234.567,50{NB}€", f"12{NB}CHF", "1.234.567", f"12,5{NB}%", "12.03.2026, 15:05 UTC", "Monday"),
    "fr_FR": (f"1{NNB}234{NNB}567,50{NB}€", f"12{NB}CHF", f"1{NNB}234{NNB}567", f"12,5{NB}%",
              "12 mars 2026, 15:05 UTC", "Monday"),
    "es_ES": (f"1.234.567,50{NB}€", f"12{NB}CHF", "1.234.567", f"12,5{NB}%", "12 mar 2026, 15:05 UTC", "Monday"),
    "nl_NL": (f"€{NB}1.234.567,50", f"CHF{NB}12", "1.234.567", "12,5%", "12 mrt 2026, 15:05 UTC", "Monday"),
    "sv_SE": (f"1{NB}234{NB}567,50{NB}€", f"12{NB}CHF", f"1{NB}234{NB}567", f"12,5{NB}%",
              "12 mars 2026, 15:05 UTC", "Monday"),
    "ja_JP": ("€1,234,567.50", "CHF" + NB + "12", "1,234,567", "12.5%", "2026/03/12, 15:05 UTC", "Sunday"),
    "pt_BR": (f"€{NB}1.234.567,50", f"CHF{NB}12", "1.234.567", "12,5%",
              "12 de mar. de 2026, 15:05 UTC", "Sunday"),
}  # fmt: skip


@pytest.mark.parametrize("code", preferences.LOCALES)
def test_locale_writes_money_numbers_and_dates_in_its_way(code: str):
    way = style(code)
    assert (
        way.money(Decimal("1234567.5"), "EUR"),
        way.money(Decimal(12), "CHF"),
        way.number(1_234_567),
        way.percent(Decimal("0.125")),
        way.instant(NOON),
        way.first_day,
    ) == WRITTEN[code]


def test_negative_and_finer_amounts_keep_their_sign_and_digits():
    assert style("de_DE").money(Decimal("-3.5"), "EUR") == f"−3,50{NB}€"
    assert style("en_US").money(Decimal("-3.5"), "EUR") == "−€3.50"
    assert style("de_DE").money(Decimal("0.0125"), "EUR") == f"0,0125{NB}€"


def reader(locale: str) -> Any:
    """Return somebody who reads in `locale`, without a database."""
    chosen = SimpleNamespace(
        theme="auto", density="compact", time_zone="", locale=locale, page_size=50, single_keys=True
    )
    return SimpleNamespace(is_authenticated=True, preference=chosen)


def texts() -> tuple[str, str, str]:
    return (
        formatting.money(Decimal("1234.5"), "EUR"),
        formatting.number(1234),
        formatting.instant(NOON, ZoneInfo("Europe/Berlin")),
    )


GERMAN = (f"1.234,50{NB}€", "1.234", "12.03.2026, 16:05 CET")
AMERICAN = ("€1,234.50", "1,234", "Mar 12, 2026, 4:05 PM CET")


def test_two_readers_one_after_the_other_get_their_own_texts():
    with formatting.read_by(lambda: reader("de_DE")):
        assert texts() == GERMAN
    with formatting.read_by(lambda: reader("en_US")):
        assert texts() == AMERICAN
    assert texts() == AMERICAN


def test_two_readers_at_once_in_one_process_get_their_own_texts():
    both, found = Barrier(2), {}

    def read(locale: str) -> None:
        with formatting.read_by(lambda: reader(locale)):
            both.wait()
            found[locale] = {texts() for _ in range(200)}

    threads = [Thread(target=read, args=(locale,)) for locale in ("de_DE", "en_US")]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert found == {"de_DE": {GERMAN}, "en_US": {AMERICAN}}


def test_reader_is_asked_once_and_only_if_something_is_written():
    asked = []

    def who() -> Any:
        asked.append(1)
        return reader("sv_SE")

    with formatting.read_by(who):
        assert asked == []
        texts(), texts()
    assert asked == [1]


@pytest.mark.django_db
def test_page_follows_the_reader_of_the_request(browse: Any, cast: Any):
    page, now = "/settings/appearance/", clocks.now()
    preferences.save(cast.alice, {"locale": "de_DE"})
    preferences.save(cast.bob, {"locale": "en_US"})
    with clocks.at(now):
        with_point = browse(cast.alice).get(page).content.decode()
        with_word = browse(cast.bob).get(page).content.decode()
    day = now.astimezone(preferences.DEFAULT.zone)
    assert f"For you it is now {day:%d.%m.%Y}, " in with_point
    assert f"For you it is now {day:%b} {day.day}, {day.year}, " in with_word
