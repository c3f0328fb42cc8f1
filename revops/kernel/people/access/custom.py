"""Custom roles: the grants of a role written as data, checked word by word.

Shape: `{"accounts.account": {"view": "T", "create": ["name"], "edit": [{"scope": "O", "fields": ["name"]}],
"actions": {"assign": "S"}}}`; scopes are the letters of spec/access.md.
"""

from typing import Any

from revops.kernel.audit import Blocked, Finding
from revops.kernel.people.access.vocabulary import SCOPE_LETTERS, Declaration, Edit, Grant, declarations


def parse_grants(grants: dict[str, Any]) -> dict[str, Grant]:
    """Return the grants by record type; what is not declared any more is left out, and so denied."""
    known = declarations()
    return {name: _grant(body, known[name]) for name, body in grants.items() if name in known}


def _grant(body: dict[str, Any], declaration: Declaration) -> Grant:
    return Grant(
        view=SCOPE_LETTERS[body.get("view", "-")],
        create=frozenset(body.get("create", ())) & declaration.fields,
        edits=tuple(
            Edit(SCOPE_LETTERS[edit["scope"]], frozenset(edit["fields"]) & declaration.fields)
            for edit in body.get("edit", ())
        ),
        actions={name: SCOPE_LETTERS[scope] for name, scope in body.get("actions", {}).items()},
    )


def check_grants(grants: Any) -> None:
    """Refuse grants that the matrix does not know. Raises Blocked with every finding."""
    findings: list[Finding] = []

    def wrong(place: str, found: Any, needed: str) -> None:
        message = f"{place}: {str(found)[:80]!r} is not known; use {needed}."
        findings.append(Finding("ACC-010", message, field="grants", found=str(found)[:80], needed=needed))

    if not isinstance(grants, dict):
        wrong("grants", grants, "an object with one entry a record type")
        grants = {}
    for name, body in grants.items():
        declaration = declarations().get(name)
        if declaration is None or not isinstance(body, dict):
            wrong(name, body if declaration else name, "one of " + ", ".join(sorted(declarations())))
            continue
        _check_one(name, body, declaration, wrong)
    if findings:
        raise Blocked(findings)


def _check_one(name: str, body: dict[str, Any], declaration: Declaration, wrong: Any) -> None:
    letters, fields = "one of " + " ".join(SCOPE_LETTERS), "fields of the record"
    for key in body.keys() - {"view", "create", "edit", "actions"}:
        wrong(f"{name}.{key}", key, "view, create, edit, actions")
    if str(body.get("view", "-")) not in SCOPE_LETTERS:
        wrong(f"{name}.view", body["view"], letters)
    edits = body.get("edit", [])
    if not isinstance(edits, list) or not all(
        isinstance(e, dict) and set(e) == {"scope", "fields"} for e in edits
    ):
        wrong(f"{name}.edit", edits, 'a list of {"scope": ..., "fields": [...]}')
        edits = []
    for edit in edits:
        if str(edit["scope"]) not in SCOPE_LETTERS:
            wrong(f"{name}.edit.scope", edit["scope"], letters)
    for place, names in [("create", body.get("create", []))] + [("edit.fields", e["fields"]) for e in edits]:
        if not isinstance(names, list):
            wrong(f"{name}.{place}", names, f"a list of {fields}")
            continue
        for unknown in set(map(str, names)) - declaration.fields:
            wrong(f"{name}.{place}", unknown, fields)
    actions = body.get("actions", {})
    if not isinstance(actions, dict):
        wrong(f"{name}.actions", actions, "an object with one scope an action")
        actions = {}
    for action, scope in actions.items():
        if action not in declaration.actions or str(scope) not in SCOPE_LETTERS:
            wrong(
                f"{name}.actions",
                f"{action}: {scope}",
                ", ".join(sorted(declaration.actions)) + f" with {letters}",
            )
