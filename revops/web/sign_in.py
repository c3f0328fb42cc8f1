"""Sign-in belongs to allauth; people are created by an administrator, never by themselves."""

import base64
import hashlib
from functools import cache
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.encoding import force_bytes

from revops.web import sessions

SIGN_IN_BACKEND = "revops.kernel.people.backends.SignInBackend"
_MARK = "fernet:"


class NoSignUp(DefaultAccountAdapter):
    """Closes the sign-up; writes a password as what it is: bookkeeping, not part of the governed record."""

    def is_open_for_signup(self, request: Any) -> bool:
        return False

    def authenticate(self, request: Any, **credentials: Any) -> Any:
        """Name the address in the way the lock-out counts by it; otherwise it would count a whole office as one."""
        return super().authenticate(
            request, login=str(credentials.get("email", "")).strip().lower(), **credentials
        )

    def login(self, request: Any, user: Any) -> None:
        """Sign in by the one backend that answers for people: a passkey names none."""
        if not hasattr(user, "backend"):
            user.backend = SIGN_IN_BACKEND
        super().login(request, user)

    def post_login(self, request: Any, user: Any, **options: Any) -> Any:
        """Begin to keep the session, whichever way somebody signed in."""
        response = super().post_login(request, user, **options)
        sessions.begin(request)
        return response

    def set_password(self, user: Any, password: str) -> None:
        user.set_password(password)
        user.save(update_fields=["password"])


class SecondFactor(DefaultMFAAdapter):
    """Keeps the seeds of second factors encrypted, with a key that is not in the database."""

    def encrypt(self, text: str) -> str:
        return _MARK + _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return the seed; one stored before seeds were encrypted is read as it is."""
        if not encrypted_text.startswith(_MARK):
            return encrypted_text
        try:
            return _cipher().decrypt(encrypted_text.removeprefix(_MARK).encode()).decode()
        except InvalidToken:
            return ""  # no code fits it: whoever changed SECRET_KEY without a fallback sets factors up again

    def _get_site_name(self) -> str:
        return str(settings.MFA_TOTP_ISSUER)


@cache
def _cipher() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_derived(key)) for key in keys])


def _derived(secret: str | bytes) -> bytes:
    return base64.urlsafe_b64encode(hashlib.sha256(b"second factor:" + force_bytes(secret)).digest())
