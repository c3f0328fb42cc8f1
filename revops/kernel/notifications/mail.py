"""The one way out for e-mail, besides sign-in (allauth) and the anchor of the audit trail."""

from django.core.mail import EmailMessage

from revops.kernel.identity.models import User


def send(to: User, subject: str, body: str) -> None:
    """Send plain text to one person, at once. Raises what the mail server's refusal raises (OSError).

    Line breaks in the subject become spaces: nothing that a record holds may write a header.
    """
    EmailMessage(subject=" ".join(subject.split()), body=body, to=[to.email]).send()
