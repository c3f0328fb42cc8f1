"""Domains that identify nobody: free mail, disposable mail, internet providers. Set-up data, versioned."""

from django.db import models

from accounts.enums import MailDomainKind


class MailDomain(models.Model):
    """A domain that may not identify an account. `list_version` names the shipped list it came from."""

    domain = models.CharField(max_length=253, unique=True)
    kind = models.CharField(max_length=10, choices=MailDomainKind)
    list_version = models.CharField(max_length=20)
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.domain
