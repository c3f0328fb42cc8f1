"""The addresses of rules, each with the row of the access matrix it asks."""

from django.urls import URLPattern, path, register_converter

from revops.api.access_rows import asking
from revops.api.policies import decisions, reading, simulations, versions

_SEEN = "view of the record that was decided about"
_VIEW, _CREATE = "view of policies.policyversion", "create of policies.policyversion"


class PolicyKey:
    """The key of a policy in an address: words joined by dots."""

    regex = r"[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+"

    def to_python(self, text: str) -> str:
        return text

    def to_url(self, key: str) -> str:
        return key


register_converter(PolicyKey, "policy_key")


def patterns() -> list[URLPattern]:
    """Return the addresses of rules, their versions, simulations and decisions."""
    one, version, decision = (
        "policies/<policy_key:key>/",
        "policies/versions/<record_id:id>/",
        "policies/decisions/",
    )
    rows = [
        ("policies/", reading.Policies, {"GET": _VIEW}, "api-policies"),
        (
            "policies/set-up/",
            versions.SetUp,
            {"GET": _VIEW, "POST": "create of policies.setupmode"},
            "api-policy-set-up",
        ),
        (version, versions.OneVersion, {"GET": _VIEW, "PATCH": _CREATE}, "api-policy-version"),
        (
            f"{version}activate/",
            versions.Activation,
            {"POST": "activate of policies.policyversion"},
            "api-policy-version-activate",
        ),
        (
            f"{version}retire/",
            versions.Retirement,
            {"POST": "retire of policies.policyversion"},
            "api-policy-version-retire",
        ),
        (decision, decisions.Decisions, {"GET": _SEEN}, "api-policy-decisions"),
        (f"{decision}<record_id:id>/", decisions.OneDecision, {"GET": _SEEN}, "api-policy-decision"),
        (
            f"{decision}<record_id:id>/replay/",
            decisions.Replay,
            {"POST": _SEEN},
            "api-policy-decision-replay",
        ),
        (one, reading.OnePolicy, {"GET": _VIEW}, "api-policy"),
        (f"{one}in-force/", reading.InForce, {"GET": _VIEW}, "api-policy-in-force"),
        (f"{one}compare/", reading.Comparison, {"GET": _VIEW}, "api-policy-compare"),
        (f"{one}versions/", versions.Versions, {"GET": _VIEW, "POST": _CREATE}, "api-policy-versions"),
        (f"{one}simulate/", simulations.Simulation, {"POST": _CREATE}, "api-policy-simulate"),
        (f"{one}simulate/file/", simulations.SimulationFile, {"POST": _CREATE}, "api-policy-simulate-file"),
    ]
    return [path(route, asking(view.as_view(), methods), name=name) for route, view, methods, name in rows]
