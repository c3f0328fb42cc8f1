"""Which of the four sales regions a country is in: a table over the regions of the United Nations (M49).

Africa, Europe and Western Asia are EMEA, the rest of Asia and Oceania APAC, Northern America is NA, the rest of the
Americas LATAM. Antarctica and its islands are in none.
"""

from opportunities.enums import Geo

_SUB_REGIONS: dict[str, tuple[Geo, str]] = {
    "Northern Africa": (Geo.EMEA, "DZ EG LY MA SD TN EH"),
    "Eastern Africa": (
        Geo.EMEA,
        "IO BI KM DJ ER ET TF KE MG MW MU YT MZ RE RW SC SO SS UG TZ ZM ZW",
    ),
    "Middle Africa": (Geo.EMEA, "AO CM CF TD CG CD GQ GA ST"),
    "Southern Africa": (Geo.EMEA, "BW SZ LS NA ZA"),
    "Western Africa": (Geo.EMEA, "AC BJ BF CV CI GM GH GN GW LR ML MR NE NG SH SN SL TA TG"),
    "Northern America": (Geo.NA, "BM CA GL PM US"),
    "Caribbean": (
        Geo.LATAM,
        "AI AG AW BS BB BQ VG KY CU CW DM DO GD GP HT JM MQ MS PR BL KN LC MF VC SX TT TC VI",
    ),
    "Central America": (Geo.LATAM, "BZ CP CR SV GT HN MX NI PA"),
    "South America": (Geo.LATAM, "AR BO BR CL CO EC FK GF GY PY PE GS SR UY VE"),
    "Central Asia": (Geo.APAC, "KZ KG TJ TM UZ"),
    "Eastern Asia": (Geo.APAC, "CN HK JP KP KR MN MO TW"),
    "South-eastern Asia": (Geo.APAC, "BN KH ID LA MY MM PH SG TH TL VN"),
    "Southern Asia": (Geo.APAC, "AF BD BT DG IN IR LK MV NP PK"),
    "Western Asia": (Geo.EMEA, "AM AZ BH CY GE IL IQ JO KW LB OM PS QA SA SY TR AE YE"),
    "Eastern Europe": (Geo.EMEA, "BY BG CZ HU MD PL RO RU SK UA"),
    "Northern Europe": (Geo.EMEA, "AX CQ DK EE FO FI GB GG IE IM IS JE LT LV NO SE SJ"),
    "Southern Europe": (Geo.EMEA, "AL AD BA EA ES GI GR HR IC IT ME MK MT PT RS SI SM VA XK"),
    "Western Europe": (Geo.EMEA, "AT BE CH DE FR LI LU MC NL"),
    "Australia and New Zealand": (Geo.APAC, "AU CC CX HM NF NZ"),
    "Melanesia": (Geo.APAC, "FJ NC PG SB VU"),
    "Micronesia": (Geo.APAC, "FM GU KI MH MP NR PW UM"),
    "Polynesia": (Geo.APAC, "AS CK NU PF PN TK TO TV WF WS"),
}
IN_NO_REGION = frozenset({"AQ", "BV"})
_GEO_OF = {code: geo for geo, codes in _SUB_REGIONS.values() for code in codes.split()}


def geo_of(country: str) -> str:
    """Return the sales region of a country code, or nothing where it is in none."""
    return str(_GEO_OF.get(country, ""))
