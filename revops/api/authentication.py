"""Who is asking: the bearer of a token, or somebody who signed in through the pages."""

from typing import Any

from django.utils.encoding import DjangoUnicodeDecodeError
from knox.auth import TokenAuthentication as KnoxAuthentication
from knox.crypto import hash_token
from rest_framework import exceptions
from rest_framework.authentication import SessionAuthentication, get_authorization_header
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from revops.kernel import clocks
from revops.kernel.people.tokens.enums import TokenScope
from revops.kernel.people.tokens.models import ApiToken

SCHEMES = (b"token", b"bearer")
_INVALID = "The token is unknown, expired or revoked, or its owner is deactivated. Create a new one."

__all__ = ["SessionAuthentication", "TokenAuthentication"]


class TokenAuthentication(KnoxAuthentication):
    """`Authorization: Token …` (or `Bearer …`): hashed by knox, looked up by digest, expiring, revocable.

    Nothing of it is taken from an address. A token that only reads is refused here for every method that is
    not safe, before any view runs.
    """

    def authenticate(self, request: Request) -> tuple[Any, ApiToken] | None:
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() not in SCHEMES:
            return None
        if len(parts) != 2:
            raise exceptions.AuthenticationFailed("Send the token as: Authorization: Token <token>.")
        user, token = self.authenticate_credentials(parts[1])
        if token.scope != TokenScope.WRITE and request.method not in SAFE_METHODS:
            raise exceptions.PermissionDenied("This token only reads. Use one whose scope is write.")
        return user, token

    def authenticate_credentials(self, token: bytes) -> tuple[Any, ApiToken]:
        try:
            digest = hash_token(token.decode("ascii"))
        except (UnicodeDecodeError, DjangoUnicodeDecodeError):
            raise exceptions.AuthenticationFailed(_INVALID) from None
        held = ApiToken.objects.filter(digest=digest, revoked_at__isnull=True, expires_at__gt=clocks.now())
        found = held.select_related("user").first()
        if found is None or not found.user.is_active:
            raise exceptions.AuthenticationFailed(_INVALID)
        today = clocks.now().date()
        if found.last_used_on != today:
            ApiToken.objects.filter(pk=found.pk).update(last_used_on=today)
        return found.user, found

    def authenticate_header(self, request: Request) -> str:
        return 'Token realm="api"'
