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
