"""Controlled lists of the account records."""

from django.db import models


class AccountKind(models.TextChoices):
    LEGAL_ENTITY = "legal_entity", "Legal entity"
    COMMERCIAL_SUBSIDIARY = "commercial_subsidiary", "Commercial subsidiary"


class AccountStatus(models.TextChoices):
    PROSPECT = "prospect", "Prospect"
    CUSTOMER = "customer", "Customer"
    FORMER = "former", "Former customer"
    COMPETITOR = "competitor", "Competitor"
    PARTNER = "partner", "Partner"
    TOMBSTONE = "tombstone", "Merged"


class Segment(models.TextChoices):
    SMB = "SMB", "Small business"
    MM = "MM", "Mid-market"
    ENT = "ENT", "Enterprise"
    STRAT = "STRAT", "Strategic"


class DomainKind(models.TextChoices):
    PRIMARY = "primary", "Primary"
    ALIAS = "alias", "Alias"
    SHARED = "shared", "Shared with subsidiaries"


class MailDomainKind(models.TextChoices):
    FREEMAIL = "freemail", "Free mail"
    DISPOSABLE = "disposable", "Disposable mail"
    ISP = "isp", "Internet provider"


class CreditStatus(models.TextChoices):
    UNKNOWN = "unknown", "Not checked"
    GOOD = "good", "Good"
    HOLD = "hold", "On hold"


class Industry(models.TextChoices):
    """The controlled list of industries; "other" asks for words (INV-1.6)."""

    AGRICULTURE = "agriculture", "Agriculture"
    APPAREL = "apparel", "Apparel"
    BANKING = "banking", "Banking"
    BIOTECHNOLOGY = "biotechnology", "Biotechnology"
    CHEMICALS = "chemicals", "Chemicals"
    COMMUNICATIONS = "communications", "Communications"
    CONSTRUCTION = "construction", "Construction"
    CONSULTING = "consulting", "Consulting"
    EDUCATION = "education", "Education"
    ELECTRONICS = "electronics", "Electronics"
    ENERGY = "energy", "Energy"
    ENGINEERING = "engineering", "Engineering"
    ENTERTAINMENT = "entertainment", "Entertainment"
    ENVIRONMENTAL = "environmental", "Environmental"
    FINANCE = "finance", "Finance"
    FOOD_BEVERAGE = "food_beverage", "Food and beverage"
    GOVERNMENT = "government", "Government"
    HEALTHCARE = "healthcare", "Healthcare"
    HOSPITALITY = "hospitality", "Hospitality"
    INSURANCE = "insurance", "Insurance"
    MACHINERY = "machinery", "Machinery"
    MANUFACTURING = "manufacturing", "Manufacturing"
    MEDIA = "media", "Media"
    NOT_FOR_PROFIT = "not_for_profit", "Not for profit"
    RECREATION = "recreation", "Recreation"
    RETAIL = "retail", "Retail"
    SHIPPING = "shipping", "Shipping"
    TECHNOLOGY = "technology", "Technology"
    TELECOMMUNICATIONS = "telecommunications", "Telecommunications"
    TRANSPORTATION = "transportation", "Transportation"
    UTILITIES = "utilities", "Utilities"
    OTHER = "other", "Other"


class Source(models.TextChoices):
    """Where a lead, a contact or a deal came from; "other" asks for words (INV-1.6)."""

    WEB = "web", "Web"
    PHONE = "phone", "Phone inquiry"
    PARTNER_REFERRAL = "partner_referral", "Partner referral"
    CUSTOMER_REFERRAL = "customer_referral", "Customer referral"
    EXTERNAL_REFERRAL = "external_referral", "External referral"
    EMPLOYEE_REFERRAL = "employee_referral", "Employee referral"
    WORD_OF_MOUTH = "word_of_mouth", "Word of mouth"
    TRADE_SHOW = "trade_show", "Trade show"
    EVENT = "event", "Own event"
    WEBINAR = "webinar", "Webinar"
    CONTENT = "content", "Content download"
    ADVERTISEMENT = "advertisement", "Advertisement"
    PURCHASED_LIST = "purchased_list", "Purchased list"
    OUTBOUND = "outbound", "Outbound prospecting"
    SELF_SERVE = "self_serve", "Self-serve sign-up"
    OTHER = "other", "Other"


class Seniority(models.TextChoices):
    C_LEVEL = "c_level", "C-level"
    VP = "vp", "Vice president"
    DIRECTOR = "director", "Director"
    MANAGER = "manager", "Manager"
    STAFF = "staff", "Staff"


class Department(models.TextChoices):
    EXECUTIVE = "executive", "Executive"
    FINANCE = "finance", "Finance"
    HR = "hr", "Human resources"
    IT = "it", "Information technology"
    LEGAL = "legal", "Legal"
    MARKETING = "marketing", "Marketing"
    OPERATIONS = "operations", "Operations"
    PROCUREMENT = "procurement", "Procurement"
    PRODUCT = "product", "Product"
    SALES = "sales", "Sales"
    SECURITY = "security", "Security"
    SUPPORT = "support", "Customer support"
    ENGINEERING = "engineering", "Engineering"
    OTHER = "other", "Other"


class SubscriberType(models.TextChoices):
    CORPORATE = "corporate", "Corporate"
    INDIVIDUAL = "individual", "Individual"
    UNKNOWN = "unknown", "Unknown"


class ContactStatus(models.TextChoices):
    ACTIVE = "active", "Active"
    LEFT = "left", "Left the company"
    UNKNOWN = "unknown", "Unknown"
    ERASED = "erased", "Erased"
    TOMBSTONE = "tombstone", "Merged"


class EmailKind(models.TextChoices):
    WORK = "work", "Work"
    PERSONAL = "personal", "Personal"
    OTHER = "other", "Other"


class PhoneKind(models.TextChoices):
    WORK = "work", "Work"
    MOBILE = "mobile", "Mobile"
    PERSONAL = "personal", "Personal"
    ASSISTANT = "assistant", "Assistant"
    OTHER = "other", "Other"


class LeadStatus(models.TextChoices):
    NEW = "new", "New"
    ROUTED = "routed", "Routed"
    ACCEPTED = "accepted", "Accepted"
    WORKING = "working", "Working"
    NURTURE = "nurture", "Nurture"
    RECYCLED = "recycled", "Recycled"
    DISQUALIFIED = "disqualified", "Disqualified"
    CONVERTED = "converted", "Converted"
    TOMBSTONE = "tombstone", "Merged"


OPEN_LEAD = (
    LeadStatus.NEW,
    LeadStatus.ROUTED,
    LeadStatus.ACCEPTED,
    LeadStatus.WORKING,
    LeadStatus.NURTURE,
    LeadStatus.RECYCLED,
)


class Disposition(models.TextChoices):
    """Why a lead is given up, or put back for a later day (spec d3)."""

    NOT_ICP = "not_icp", "Not our kind of customer"
    WRONG_TERRITORY = "wrong_territory", "Wrong territory"
    DUPLICATE = "duplicate", "Duplicate"
    EXISTING_CUSTOMER = "existing_customer", "Existing customer"
    NO_AUTHORITY = "no_authority", "No authority"
    BAD_DATA = "bad_data", "Bad data"
    COMPETITOR = "competitor", "Competitor"
    STUDENT = "student", "Student"
    NO_RESPONSE = "no_response", "No response"
    NO_BUDGET = "no_budget", "No budget"
    NOT_NOW = "not_now", "Not now"


# What ends a lead, and what only puts it off.
DISQUALIFYING = (
    Disposition.NOT_ICP,
    Disposition.WRONG_TERRITORY,
    Disposition.DUPLICATE,
    Disposition.EXISTING_CUSTOMER,
    Disposition.NO_AUTHORITY,
    Disposition.BAD_DATA,
    Disposition.COMPETITOR,
    Disposition.STUDENT,
)
RECYCLING = (
    Disposition.NO_RESPONSE,
    Disposition.NO_BUDGET,
    Disposition.NOT_NOW,
    Disposition.NO_AUTHORITY,
    Disposition.WRONG_TERRITORY,
)


class ActivityKind(models.TextChoices):
    CALL = "call", "Call"
    MEETING = "meeting", "Meeting"
    EMAIL = "email", "E-mail"
    MESSAGE = "message", "Message"
    PORTAL = "portal", "Portal or document action"
    SIGNATURE = "signature", "Signed or returned document"
    NOTE = "note", "Note"


class Direction(models.TextChoices):
    INBOUND = "inbound", "From the buyer"
    OUTBOUND = "outbound", "From us"
    NONE = "none", "Neither"


class ActivityOutcome(models.TextChoices):
    PLANNED = "planned", "Planned"
    HELD = "held", "Held"
    CONNECTED = "connected", "Connected"
    LEFT_MESSAGE = "left_message", "Left a message"
    NO_ANSWER = "no_answer", "No answer"
    NO_SHOW = "no_show", "Did not show up"
    CANCELLED = "cancelled", "Cancelled"
    DONE = "done", "Done"


class AttendeeResponse(models.TextChoices):
    UNKNOWN = "unknown", "No answer yet"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined"
    ATTENDED = "attended", "Attended"


class Channel(models.TextChoices):
    EMAIL = "email", "E-mail"
    EVENT = "event", "Event"
    WEBINAR = "webinar", "Webinar"
    CONTENT = "content", "Content"
    PAID_SEARCH = "paid_search", "Paid search"
    PAID_SOCIAL = "paid_social", "Paid social"
    OUTBOUND = "outbound", "Outbound"
    PARTNER = "partner", "Partner"
    OTHER = "other", "Other"
