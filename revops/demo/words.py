"""The words that the demo company's world is made of."""

from accounts.enums import Department, Industry, Seniority, Source

FIRST_WORDS = (
    "Northwind", "Harbor", "Cobalt", "Summit", "Juniper", "Orchard", "Falcon", "Meridian", "Granite", "Lumen",
    "Cascade", "Beacon", "Sterling", "Aurora", "Quarry", "Willow", "Vertex", "Prairie", "Anchor", "Ember",
    "Crescent", "Atlas", "Pioneer", "Saffron", "Delta", "Halcyon", "Ironwood", "Keystone", "Lattice", "Monarch",
)  # fmt: skip
KINDS = {
    "Logistics": Industry.TRANSPORTATION,
    "Systems": Industry.TECHNOLOGY,
    "Foods": Industry.FOOD_BEVERAGE,
    "Energy": Industry.ENERGY,
    "Health": Industry.HEALTHCARE,
    "Retail": Industry.RETAIL,
    "Mining": Industry.MANUFACTURING,
    "Media": Industry.MEDIA,
    "Bank": Industry.BANKING,
    "Labs": Industry.BIOTECHNOLOGY,
}

GIVEN_NAMES = (
    "Amara", "Ben", "Chloé", "Diego", "Elif", "Farid", "Grace", "Hiro", "Ines", "Jonas", "Karin", "Liam",
    "Mei", "Noor", "Oscar", "Priya", "Quinn", "Rosa", "Søren", "Tara", "Umar", "Vera", "Wes", "Ximena", "Yuki",
    "Zoë",
)  # fmt: skip
FAMILY_NAMES = (
    "Abbott", "Bauer", "Castillo", "Dubois", "Eriksen", "Fontaine", "García", "Hughes", "Ito", "Jensen", "Kaur",
    "Larsen", "Moreno", "Nakamura", "O’Brien", "Petrov", "Quist", "Rossi", "Schmidt", "Tanaka", "Usman", "Vogel",
    "Walsh", "Xu", "Young", "Zimmer",
)  # fmt: skip
TITLES = (
    ("Chief financial officer", Seniority.C_LEVEL, Department.FINANCE),
    ("VP of operations", Seniority.VP, Department.OPERATIONS),
    ("Director of IT", Seniority.DIRECTOR, Department.IT),
    ("Head of procurement", Seniority.DIRECTOR, Department.PROCUREMENT),
    ("Revenue operations manager", Seniority.MANAGER, Department.SALES),
    ("Data analyst", Seniority.STAFF, Department.IT),
    ("VP of sales", Seniority.VP, Department.SALES),
    ("Marketing manager", Seniority.MANAGER, Department.MARKETING),
)

PRODUCTS = (
    ("Platform", "PLAT:CORE:SEAT", "Platform"),
    ("Forecasting", "FCST:PRO:SEAT", "Forecasting"),
    ("Deal Desk", "DESK:PRO:SEAT", "Deal Desk"),
    ("Analytics", "ANLY:STD:SEAT", "Analytics"),
)
CAMPAIGNS = (
    ("Event-RevenueSummit-Q2-NA", "event"),
    ("Webinar-ForecastAccuracy-Q3-ALL", "webinar"),
    ("Content-PipelineHygiene-Q4-MM", "content"),
    ("PaidSearch-CRM-Q1-EMEA", "paid_search"),
)
# Codes that ship with the deals: use cases, reasons for losing, reasons for putting a lead off.
USE_CASES = ("NewRollout", "Replacement", "Consolidation", "Automation")
LOSS_REASONS = ("price", "no_budget", "no_decision", "timing", "no_champion")
PUT_OFF = ("no_response", "no_budget", "not_now")
GIVEN_UP = ("not_icp", "no_authority", "bad_data")
SOURCES = (
    Source.WEB,
    Source.WEBINAR,
    Source.TRADE_SHOW,
    Source.PARTNER_REFERRAL,
    Source.OUTBOUND,
    Source.CONTENT,
)
TALKS = {
    "call": ("Discovery call", "Call about the business case", "Call with procurement", "Check-in call"),
    "meeting": ("Demonstration", "Workshop on requirements", "Review of the proposal", "Security review"),
    "email": ("Re: questions on the offer", "Re: next steps", "Re: order form"),
    "note": ("Notes before the call", "Summary for the team"),
}

# Why deals advance.
ADVANCES = ("criteria_met", "buyer_asked", "criteria_met", "trial_passed", "decision_taken")
