"""Where other systems say that somebody came from, brought to our list (spec mappings.md)."""

from accounts.enums import Source

# Salesforce's standard lead sources, and those of its nonprofit edition.
SALESFORCE = {
    "advertisement": Source.ADVERTISEMENT,
    "employee referral": Source.EMPLOYEE_REFERRAL,
    "external referral": Source.EXTERNAL_REFERRAL,
    "customer referral": Source.CUSTOMER_REFERRAL,
    "partner": Source.PARTNER_REFERRAL,
    "partner referral": Source.PARTNER_REFERRAL,
    "phone inquiry": Source.PHONE,
    "purchased list": Source.PURCHASED_LIST,
    "trade show": Source.TRADE_SHOW,
    "web": Source.WEB,
    "website": Source.WEB,
    "webinar": Source.WEBINAR,
    "seminar - internal": Source.EVENT,
    "seminar - partner": Source.PARTNER_REFERRAL,
    "word of mouth": Source.WORD_OF_MOUTH,
}

# HubSpot's original traffic sources.
HUBSPOT = {
    "organic_search": Source.WEB,
    "organic search": Source.WEB,
    "paid_search": Source.ADVERTISEMENT,
    "paid search": Source.ADVERTISEMENT,
    "paid_social": Source.ADVERTISEMENT,
    "paid social": Source.ADVERTISEMENT,
    "social_media": Source.WEB,
    "organic social": Source.WEB,
    "email_marketing": Source.CONTENT,
    "email marketing": Source.CONTENT,
    "referrals": Source.EXTERNAL_REFERRAL,
    "direct_traffic": Source.WEB,
    "direct traffic": Source.WEB,
}
