import pytest
from hypothesis import given
from hypothesis import strategies as st

from revops.kernel import naming
from revops.kernel.naming import NamingScheme, token, transliterate

GT31 = {"segment": "ENT", "geo": "NA", "product": "Platform", "use_case": "IntelQQL", "quarter": "Q3"}


def test_gt31_opportunity_name():
    assert naming.OPPORTUNITY.build(GT31) == "ENT-NA-Platform-IntelQQL-Q3"
    assert naming.OPPORTUNITY.parse("ENT-NA-Platform-IntelQQL-Q3") == GT31


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("data center  interconnect", "DataCenterInterconnect"),
        ("Straße", "Strasse"),
        ("Øresund łódź", "OresundLodz"),
        ("Café crème", "CafeCreme"),
        ("O'Brien & Söhne", "OBrienSohne"),
        ("ﬁnance ½", "Finance12"),
        ("e\u0301tude", "Etude"),
        ("ISTANBUL \u0131l\u0131k", "ISTANBULIlik"),
        ("Проект X-200", "X200"),
        ("产品", "X"),
        ("", "X"),
        ("a" * 40, "A" + "a" * 23),
    ],
)
def test_token_keeps_letters_and_digits_in_camel_case(text, expected):
    assert token(text) == expected


@given(st.text(max_size=60))
def test_token_is_idempotent_and_plain(text):
    found = token(text)
    assert found == token(found)
    assert found.isascii()
    assert found.isalnum()
    assert 1 <= len(found) <= 24


@given(st.text(max_size=60))
def test_transliterate_is_idempotent(text):
    assert transliterate(transliterate(text)) == transliterate(text)


@given(st.data(), st.sampled_from(list(naming.SCHEMES.values())))
def test_e12_parse_is_the_inverse_of_build(data, scheme):
    values = {name: data.draw(st.text(max_size=40)) for name in scheme.tokens}
    tokens = {name: token(value) for name, value in values.items()}
    assert scheme.parse(scheme.build(values)) == tokens
    assert scheme.build(tokens) == scheme.build(values)


@pytest.mark.parametrize(
    ("scheme", "values", "name"),
    [
        (
            naming.CAMPAIGN,
            {"channel": "paid social", "theme": "AI", "quarter": "Q2", "audience": "CFO"},
            "PaidSocial-AI-Q2-CFO",
        ),
        (naming.SKU, {"family": "colo", "package": "suite", "metric": "kW"}, "Colo:Suite:KW"),
        (naming.TERRITORY, {"geo": "EMEA", "segment": "ENT", "vertical": "banking"}, "EMEA-ENT-Banking"),
    ],
)
def test_schemes_of_the_other_objects(scheme, values, name):
    assert scheme.build(values) == name


def test_missing_value_becomes_x():
    assert naming.TERRITORY.build({"geo": "NA", "segment": None, "vertical": ""}) == "NA-X-X"


def test_build_refuses_unknown_and_absent_tokens():
    with pytest.raises(ValueError, match="needs exactly"):
        naming.SKU.build({"family": "a", "package": "b"})


@pytest.mark.parametrize(
    "name", ["ENT-NA", "ENT-NA-Platform-IntelQQL-Q3-X", "ENT-NA-Plat form-U-Q3", "ent-NA-P-U-Q3", "--P-U-Q3"]
)
def test_parse_refuses_a_name_build_could_not_have_made(name):
    with pytest.raises(ValueError, match="token"):
        naming.OPPORTUNITY.parse(name)


def test_scheme_refuses_a_separator_that_tokens_could_contain():
    with pytest.raises(ValueError, match="separator"):
        NamingScheme("odd", ("a", "b"), separator="x")
    with pytest.raises(ValueError, match="each once"):
        NamingScheme("odd", ("a", "a"))
