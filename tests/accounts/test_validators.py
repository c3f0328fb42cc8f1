"""ALG-1.1: from whatever somebody pastes to the registrable domain, or a reason why not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.validators import BadDomain, normalise_domain


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("example.com", "example.com"),
        ("EXAMPLE.Com", "example.com"),
        ("  example.com \n", "example.com"),
        ("example.com.", "example.com"),
        ("www.example.com", "example.com"),
        ("https://www.example.com/about?x=1#y", "example.com"),
        ("http://user:pass@sub.example.com:8080/", "example.com"),
        ("//example.com/x", "example.com"),
        ("example.com:443", "example.com"),
        ("example.com/path", "example.com"),
        ("mail.eu.example.co.uk", "example.co.uk"),
        ("jane.doe+news@sales.example.com", "example.com"),
        ("foo.github.io", "foo.github.io"),
        ("deep.foo.github.io", "foo.github.io"),
        ("bar.github.io", "bar.github.io"),
        ("foo.co.uk", "foo.co.uk"),
        ("bücher.de", "xn--bcher-kva.de"),
        ("BÜCHER.de", "xn--bcher-kva.de"),
        ("bu\u0308cher.de", "xn--bcher-kva.de"),
        ("xn--bcher-kva.de", "xn--bcher-kva.de"),
        ("XN--BCHER-KVA.DE", "xn--bcher-kva.de"),
        ("straße.de", "xn--strae-oqa.de"),
        ("例え.jp", "xn--r8jz45g.jp"),
        ("пример.рф", "xn--e1afmkfd.xn--p1ai"),
        ("яндекс.ком", "xn--d1acpjx3f.xn--j1aef"),
        ("ｅｘａｍｐｌｅ．ｃｏｍ", "example.com"),
        ("example。com", "example.com"),
        ("my_shop.example.com", "example.com"),
        (".".join(["a" * 60] * 4) + ".example.com", "example.com"),
    ],
)
def test_domain_is_normalised(text: str, domain: str) -> None:
    assert normalise_domain(text) == domain
    assert normalise_domain(domain) == domain


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        ".",
        "..",
        "example..com",
        ".example.com",
        "localhost",
        "com",
        "co.uk",
        "github.io",
        "example",
        "example.invalidtld",
        "192.168.0.1",
        "http://10.0.0.1:8000/",
        "[::1]",
        "http://[2001:db8::1]/",
        "http://[::1",
        "2001:db8::1",
        "exa mple.com",
        "exam\u200bple.com",
        "example\u00ad.com\u202e",
        "\ufeff\u200b.com",
        "example\x00.com",
        "a@b@",
        "jane@",
        "-example.com",
        "example-.com",
        "exa$mple.com",
        "http://",
        "https:///path",
        "a" * 64 + ".com",
        "а" * 64 + ".com",
        "x" * 300,
        "x" * 300 + ".com",
        ".".join(["x"] * 200),
        "xn--a.com",
        "xn--.com",
        "аpple.com",
        "www.аpple.com",
        "https://раураl.com",
        "ѕоѕо.com",
        "xn--80ak6aa92e.com",
        "gооgle.com",
        "αpple.com",
        "αρρ.com",
        "Ꭺpple.com",
        "x" * 1_000_000,
        "а" * 1_000_000,
        "@" * 100_000,
        "<script>alert(1)</script>",
        "'; DROP TABLE accounts_account; --",
        "../../etc/passwd",
        "javascript:alert(1)",
    ],
)
def test_domain_that_identifies_nobody_is_refused_with_a_remedy(text: str) -> None:
    with pytest.raises(BadDomain) as refusal:
        normalise_domain(text)
    message = str(refusal.value)
    assert len(message) < 500
    assert message.endswith(".")


@given(st.text())
def test_any_text_is_a_domain_or_refused(text: str) -> None:
    try:
        domain = normalise_domain(text)
    except BadDomain:
        return
    assert normalise_domain(domain) == domain
    assert domain == domain.lower()
    assert domain.isascii()
    assert "." in domain


@given(
    st.from_regex(r"[a-z][a-z0-9]{0,20}", fullmatch=True),
    st.sampled_from(["com", "de", "co.uk", "io", "com.br"]),
    st.sampled_from(["", "www.", "mail.", "a.b."]),
    st.sampled_from(["{}", "https://{}/x", "{}:8080", "x@{}", "{}.", " {} "]),
)
def test_every_dress_of_a_domain_is_the_same(name: str, ending: str, sub: str, dress: str) -> None:
    assert normalise_domain(dress.format(f"{sub}{name}.{ending}")) == f"{name}.{ending}"
