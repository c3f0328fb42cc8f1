"""The one way out for e-mail, besides sign-in (allauth) and the anchor of the audit trail."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage

from revops.kernel.identity.models import User


def send(to: User, subject: str, body: str, *, name: str = "") -> None:
    """Send plain text to one person, at once. Raises what the mail server's refusal raises (OSError).

    Line breaks in the subject become spaces: nothing that a record holds may write a header. A message with a
    `name` carries the same Message-ID whenever it is sent, so that a repeat is known as one (D22).
    """
    headers = {"Message-ID": f"<{name}@{urlsplit(settings.SITE_URL).hostname or 'revops'}>"} if name else {}
    EmailMessage(subject=" ".join(subject.split()), body=body, to=[to.email], headers=headers).send()
