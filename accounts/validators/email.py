"""What an e-mail address is, and when two of them are one. Source: ALG-1.1."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

from accounts.validators.domain import BadDomain, normalise_domain

LONGEST = 254
LONGEST_LOCAL = 64
# Longer addresses are not looked at, but checked.
PLAIN = 120
_WORD = "[A-Za-z0-9_+-]+"
_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_AT_SIGHT = re.compile(rf"({_WORD}(?:\.{_WORD})*)@((?:{_LABEL}\.)+([a-z]{{2,63}}))")


@dataclass(frozen=True, slots=True)
class Provider:
    """What a mail provider ignores in the part before the @, and the name that its other domains stand for."""

    domain: str
    ignores_tag: bool = True
    ignores_dots: bool = False


# Whoever is not listed here may tell rose.g@ from roseg@, and rose+news@ from rose@: those stay different people.
PROVIDERS: Mapping[str, Provider] = MappingProxyType(
    {
        "gmail.com": Provider("gmail.com", ignores_dots=True),
        "googlemail.com": Provider("gmail.com", ignores_dots=True),
        "outlook.com": Provider("outlook.com"),
        "hotmail.com": Provider("hotmail.com"),
        "live.com": Provider("live.com"),
        "msn.com": Provider("msn.com"),
        "icloud.com": Provider("icloud.com"),
        "me.com": Provider("me.com"),
        "mac.com": Provider("mac.com"),
        "fastmail.com": Provider("fastmail.com"),
        "fastmail.fm": Provider("fastmail.fm"),
        "proton.me": Provider("proton.me", ignores_dots=True),
        "protonmail.com": Provider("protonmail.com", ignores_dots=True),
        "pm.me": Provider("pm.me", ignores_dots=True),
        "zoho.com": Provider("zoho.com"),
        "yandex.com": Provider("yandex.com"),
    }
)


class BadEmail(ValueError):
    """The text is no e-mail address; the message says why and what to give."""


@dataclass(frozen=True, slots=True)
class Email:
    """An address as it is shown, the form in which it is compared, and the registrable domain it belongs to.

    `domain` is empty where the address has none that could identify a company.
    """

    shown: str
    key: str
    domain: str


def read_email(text: str) -> Email:
    """Return the address that `text` is. The comparison form is lower case, its domain in punycode.

    A tag and dots are taken out of it only where the provider ignores them. Raises BadEmail. Source: ALG-1.1.
    """
    text = text.strip()
    if plain := _plain(text):
        local, host = plain
        return Email(text, _key(local.lower(), host), _registrable(host))
    try:
        found = validate_email(text, check_deliverability=False)
    except EmailNotValidError as error:
        shown = "".join(char if char.isprintable() else "�" for char in text[:80])
        raise BadEmail(f"{shown!r} is not an e-mail address: {error} Write it as name@example.com.") from None
    host = (found.ascii_domain or found.domain).lower()
    key = _key(found.local_part.casefold(), host)
    if max(len(key), len(found.normalized)) > LONGEST:
        raise BadEmail(f"An e-mail address has at most {LONGEST} characters; this one has {len(key)}.")
    return Email(found.normalized, key, _registrable(host))


def _plain(text: str) -> tuple[str, str] | None:
    """Return local part and host of an address that is valid at sight, as nearly all are: letters, digits, few marks.

    The library says the same of it at fifty times the cost; whatever is unusual is left to the library.
    """
    found = _AT_SIGHT.fullmatch(text) if len(text) <= PLAIN else None
    if found is None:
        return None
    local, host, ending = found.groups()
    mailbox = (
        local.isalpha() and not local.islower()
    )  # INFO@ and the like are one mailbox however they are written
    unusual = mailbox or len(local) > LONGEST_LOCAL or "--" in host or ending in SPECIAL_USE_DOMAIN_NAMES
    return None if unusual else (local, host)


def _key(local: str, host: str) -> str:
    provider = PROVIDERS.get(host)
    if provider is None:
        return f"{local}@{host}"
    if provider.ignores_tag:
        local = local.partition("+")[0] or local
    if provider.ignores_dots:
        local = local.replace(".", "")
    return f"{local}@{provider.domain}"


@lru_cache(maxsize=10_000)
def _registrable(host: str) -> str:
    try:
        return normalise_domain(host)
    except BadDomain:
        return ""
