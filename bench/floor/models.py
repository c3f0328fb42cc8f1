"""Plain tables for the INSERTs of the floor's creates; its lists read the product's own records."""

from django.conf import settings
from django.db import models


class Row(models.Model):
    """Who owns it and when it was created."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True


class Company(Row):
    """As many columns as a client of the product sends for an account."""

    name = models.CharField(max_length=200)
    domain = models.CharField(max_length=253, blank=True)
    industry = models.CharField(max_length=24, blank=True)
    employees = models.PositiveIntegerField(null=True)
    annual_revenue = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    currency = models.CharField(max_length=3, default="USD")
    country = models.CharField(max_length=2, blank=True)
    city = models.CharField(max_length=120, blank=True)
    website = models.URLField(max_length=300, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    description = models.TextField(blank=True)


class Inquiry(Row):
    """As many columns as a client of the product sends for a lead."""

    first_name = models.CharField(max_length=80, blank=True)
    last_name = models.CharField(max_length=80)
    company = models.CharField(max_length=200)
    title = models.CharField(max_length=120, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    source_original = models.CharField(max_length=20, blank=True)
    country = models.CharField(max_length=2, blank=True)
    city = models.CharField(max_length=120, blank=True)
    industry = models.CharField(max_length=24, blank=True)
    employees = models.PositiveIntegerField(null=True)
    description = models.TextField(blank=True)


class Deal(Row):
    """As many columns as a client of the product sends for a deal; its account is looked up, as a link of DRF is."""

    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="+")
    primary_product = models.ForeignKey("accounts.Product", on_delete=models.PROTECT, related_name="+")
    use_case = models.ForeignKey("opportunities.UseCase", on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=20, blank=True)
    amount = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    currency = models.CharField(max_length=3, default="USD")
    close_date = models.DateField()
    next_step = models.CharField(max_length=255, blank=True)
    next_step_on = models.DateField(null=True)
    competitor = models.CharField(max_length=120, blank=True)
    description = models.TextField(blank=True)


class Note(models.Model):
    """The second INSERT: that somebody created it."""

    table = models.CharField(max_length=40)
    record_id = models.BigIntegerField(db_index=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    verb = models.CharField(max_length=40)
    changes = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)


MODELS = (Company, Inquiry, Deal, Note)
