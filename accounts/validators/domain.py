"""Single-field checks of account records. Source: ALG-1.1."""

import ipaddress
import unicodedata
from urllib.parse import urlsplit

import idna
from tldextract import TLDExtract

_EXTRACT = TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)

# Cyrillic and Greek letters that look like Latin ones; a label of nothing else imitates a Latin name.
_LOOKALIKES = frozenset("аеорсухіјѕԁһԛԝӏгкмтьαοντρυικ")


class BadDomain(ValueError):
    """The text is no domain that could identify an account; the message says why and what to give."""


def normalise_domain(text: str) -> str:
    """Return the registrable domain of a domain, address or e-mail, lower case, in punycode.

    Private suffixes count, so `foo.github.io` and `bar.github.io` are two. Raises BadDomain for an IP address, a
    single label, a bare public suffix and a name that imitates Latin letters. Source: ALG-1.1.
    """
    host = _host(text)
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        pass
    else:
        raise BadDomain(f"{host} is an IP address. Give the domain's name, such as example.com.")
    if any(not char.isprintable() for char in host) or " " in host:
        raise BadDomain("A domain has no spaces or invisible characters. Write it as example.com.")
    _refuse_imitations(host)
    try:
        ascii_host = idna.encode(host, uts46=True).decode() if not host.isascii() else host
        if ascii_host != host or "xn--" in host:
            _refuse_imitations(idna.decode(ascii_host))
        elif not all(_plain_label(label) for label in host.split(".")):
            raise idna.IDNAError
    except (idna.IDNAError, UnicodeError):
        raise BadDomain(f"{host[:80]} is not a valid domain name. Write it as example.com.") from None
    found = _EXTRACT(ascii_host)
    registrable = found.top_domain_under_public_suffix
    if not registrable:
        raise BadDomain(
            f"{ascii_host[:80]} is not a registrable domain. Give a name under a public ending, such as example.com."
        )
    if len(registrable) > 253:
        raise BadDomain("A domain has at most 253 characters.")
    return registrable


def _host(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).strip().lower()
    if "@" in text and "://" not in text:
        text = text.rpartition("@")[2]
    try:
        host = urlsplit(text if "://" in text or text.startswith("//") else f"//{text}").hostname or ""
    except ValueError:
        raise BadDomain(f"{text[:80]} is not a domain. Write it as example.com.") from None
    return host.rstrip(".").removeprefix("www.")


def _plain_label(label: str) -> bool:
    return (
        0 < len(label) <= 63 and label[0] != "-" != label[-1] and all(c.isalnum() or c in "-_" for c in label)
    )


def _refuse_imitations(host: str) -> None:
    """Raise BadDomain for a label that mixes scripts or consists of look-alikes of Latin letters.

    The ending is spared the second: `.ком` imitates nobody, it is a public ending or refused as none.
    """
    *labels, ending = host.split(".")
    for label in (*labels, ending):
        letters = [char for char in label if char.isalpha()]
        scripts = {unicodedata.name(char, "UNKNOWN").split(" ")[0] for char in letters}
        foreign = scripts - {"LATIN"}
        if "LATIN" in scripts and foreign & {"CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"}:
            raise BadDomain(
                f"{label[:80]} mixes alphabets, as imitations of a name do. "
                "Type the domain by hand, such as example.com."
            )
        if label is not ending and foreign and all(char in _LOOKALIKES for char in letters):
            raise BadDomain(
                f"{label[:80]} ({_spelled(label)}) is made of letters that imitate Latin ones. "
                "Type the domain by hand."
            )


def _spelled(label: str) -> str:
    """Return how a label is spelled in punycode, or that it cannot be."""
    try:
        return str(idna.encode(label, uts46=True).decode())
    except UnicodeError:
        return "no valid name"
