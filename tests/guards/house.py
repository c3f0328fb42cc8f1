"""The house rules as functions over a path and its text; test_modules.py runs them and shows each one red."""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
# Lowest first; a tuple holds siblings, which do not know each other.
DOMAIN_LAYERS = (
    ("accounts",),
    ("opportunities",),
    ("routing",),
    ("quotes", "marketing"),
    ("handoffs",),
    ("forecasting", "enablement"),
    ("governance",),
)
DOMAIN_APPS = tuple(name for layer in DOMAIN_LAYERS for name in layer)

MODULE_LIMIT = 400
FUNCTION_LIMIT = 60
TEMPLATE_LIMIT = 60
FORBIDDEN_NAMES = {
    "utils",
    "util",
    "helpers",
    "helper",
    "services",
    "service",
    "managers",
    "signals",
    "common",
    "misc",
}
CLOCK = "revops/kernel/clocks/clock.py"
CLOCK_READS = {
    "datetime.now",
    "datetime.today",
    "datetime.utcnow",
    "date.today",
    "timezone.now",
    "timezone.localdate",
    "timezone.localtime",
    "time.time",
    "time.time_ns",
    "functions.Now",
}
MODEL_SIGNALS = {"pre_init", "post_init", "pre_save", "post_save", "pre_delete", "post_delete", "m2m_changed"}
# The guard listens for one signal, in order to refuse: a cascade reaches no other method of ours.
REFUSALS = {"revops/kernel/guard.py": {"pre_delete"}}
NETWORK = (
    "requests",
    "requests_hardened",
    "httpx",
    "urllib3",
    "urllib.request",
    "aiohttp",
    "http.client",
    "smtplib",
)
# The one module that may leave the machine, and the supervisor, which asks its own web process for a sign of life.
EGRESS = {"revops/kernel/outbox/egress.py": NETWORK, "revops/supervisor/watch.py": ("http.client",)}

Find = Callable[[str, str], list[str]]


@dataclass(frozen=True)
class Rule:
    """One house rule: which files it reads and what it says about one of them."""

    name: str
    suffixes: tuple[str, ...]
    find: Find


def files() -> Iterator[tuple[str, str]]:
    """Yield every file of the product under the rules: its path from the root, and its text."""
    for folder in ("revops", *DOMAIN_APPS, "templates", "static"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in {".py", ".html", ".css", ".js", ".txt"} and "__pycache__" not in path.parts:
                yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def is_migration(path: str) -> bool:
    return "/migrations/" in path


def module_is_short(path: str, text: str) -> list[str]:
    lines = len(text.splitlines())
    return (
        [f"{lines} lines, {MODULE_LIMIT} at most"] if lines > MODULE_LIMIT and not is_migration(path) else []
    )


def functions_are_short(path: str, text: str) -> list[str]:
    if is_migration(path):
        return []
    return [
        f"{node.name} has {node.end_lineno - node.lineno + 1} lines, {FUNCTION_LIMIT} at most"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LIMIT
    ]


def name_says_something(path: str, text: str) -> list[str]:
    parts = {Path(part).stem for part in path.split("/")}
    return [f"no module is called {name}" for name in sorted(parts & FORBIDDEN_NAMES)]


def migration_has_an_intent(path: str, text: str) -> list[str]:
    name = Path(path).stem
    if not is_migration(path) or name == "__init__":
        return []
    if re.fullmatch(r"\d{4}_[a-z0-9_]+", name) is None:
        return ["not called NNNN_what_it_is_for"]
    if re.match(r"\d{4}_(auto|alter)_", name) or name.endswith("_and_more"):
        return ["the name is Django's guess, not an intent"]
    return []


def imports(text: str) -> Iterator[tuple[str, str, int]]:
    """Yield every import as (module, name or "", line), those inside functions included."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "", node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from ((node.module or "", alias.name, node.lineno) for alias in node.names)


def clock_is_injected(path: str, text: str) -> list[str]:
    if path == CLOCK:
        return []
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute):
            owner = node.value
            last = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
            if f"{last}.{node.attr}" in CLOCK_READS:
                found.append(
                    f"line {node.lineno} reads the clock by {last}.{node.attr}; use revops.kernel.clocks"
                )
    for module, name, line in imports(text):
        if f"{module.rpartition('.')[2]}.{name}" in CLOCK_READS:
            found.append(f"line {line} imports {module}.{name}; use revops.kernel.clocks")
    return found


def no_model_signals(path: str, text: str) -> list[str]:
    banned = MODEL_SIGNALS - REFUSALS.get(path, set())
    found = []
    for module, name, line in imports(text):
        if name in banned or module == "simple_history.signals":
            found.append(f"line {line} imports {name}: news travels as an event row")
        if (module, name) == ("django.dispatch", "Signal"):
            found.append(f"line {line} makes a signal of its own")
    found += [
        f"line {node.lineno} uses {node.attr}: news travels as an event row"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Attribute) and node.attr in banned
    ]
    return found


def leaves_by_the_one_door(path: str, text: str) -> list[str]:
    allowed = EGRESS.get(path, ())
    found = []
    for module, name, line in imports(text):
        for banned in NETWORK:
            names = {module, f"{module}.{name}"}
            if banned not in allowed and any(
                each == banned or each.startswith(f"{banned}.") for each in names
            ):
                found.append(f"line {line} imports {banned}; only {next(iter(EGRESS))} leaves the machine")
    return found


def migration_imports_no_app(path: str, text: str) -> list[str]:
    if not is_migration(path) or "RunPython" not in text:
        return []
    return [
        f"line {line} imports {module}; RunPython sees models through `apps` only"
        for module, _, line in imports(text)
        if module.split(".")[0] in {"revops", *DOMAIN_APPS}
        and len(module.split(".")) > 1
        and module.rpartition(".")[2]
        not in {"guard", "money", "history"}  # fields, which schema operations name
    ]


def query_says_its_order(path: str, text: str) -> list[str]:
    return [
        f"line {statement.lineno} sets Meta.ordering; the query says its order"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ClassDef) and node.name == "Meta" and not is_migration(path)
        for statement in node.body
        if isinstance(statement, ast.Assign)
        and "ordering" in {getattr(each, "id", "") for each in statement.targets}
    ]


def governance_stands_apart(path: str, text: str) -> list[str]:
    if not path.startswith("governance/"):
        return []
    others = set(DOMAIN_APPS) - {"governance"}
    return [
        f"line {line} imports {module}; governance sees apps through the kernel's registries"
        for module, _, line in imports(text)
        if module.split(".")[0] in others
    ]


def template_is_short(path: str, text: str) -> list[str]:
    lines = len(text.splitlines())
    return [f"{lines} lines, fewer than {TEMPLATE_LIMIT} wanted"] if lines >= TEMPLATE_LIMIT else []


INLINE = (
    (r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>", "inline script"),
    (r"<style\b", "inline style sheet"),
    (r"<[a-z][^>]*\sstyle\s*=", "style attribute"),
    (r"<[a-z][^>]*\son[a-z]+\s*=", "event attribute"),
    (r"\bhx-on\b", "hx-on, which needs eval"),
    (r"javascript:", "javascript: address"),
)


def template_has_nothing_inline(path: str, text: str) -> list[str]:
    return [
        f"line {text.count(chr(10), 0, match.start()) + 1}: {what}"
        for pattern, what in INLINE
        for match in re.finditer(pattern, text, re.IGNORECASE | re.DOTALL)
    ]


FOREIGN = (
    r"<(?:script|link|img|iframe|source|video|audio|object|embed|form)\b[^>]*\b(?:src|href|data|action)\s*=\s*[\"']?(?:https?:)?//",
    r"(?:url\(|@import|\bimport|\bfetch\()\s*[\"']?(?:https?:)?//",
    r"\b(?:cdn\.|cdnjs\.|unpkg\.com|jsdelivr\.net|googleapis\.com|gstatic\.com|bootstrapcdn\.com|esm\.sh|skypack\.dev)",
)


def page_calls_no_other_host(path: str, text: str) -> list[str]:
    return [
        f"line {text.count(chr(10), 0, match.start()) + 1}: {match.group(0)[:60]}"
        for pattern in FOREIGN
        for match in re.finditer(pattern, text, re.IGNORECASE | re.DOTALL)
    ]


PYTHON, PAGE, ALL = (".py",), (".html",), (".py", ".html", ".css", ".js", ".txt")
RULES = tuple(
    Rule(find.__name__, suffixes, find)
    for find, suffixes in (
        (module_is_short, PYTHON),
        (functions_are_short, PYTHON),
        (name_says_something, PYTHON),
        (migration_has_an_intent, PYTHON),
        (clock_is_injected, PYTHON),
        (no_model_signals, PYTHON),
        (leaves_by_the_one_door, PYTHON),
        (migration_imports_no_app, PYTHON),
        (query_says_its_order, PYTHON),
        (governance_stands_apart, PYTHON),
        (template_is_short, PAGE),
        (template_has_nothing_inline, PAGE),
        (page_calls_no_other_host, ALL),
    )
)


def findings(rule: Rule, path: str, text: str) -> list[str]:
    """Return what this rule says about this file."""
    if not path.endswith(rule.suffixes):
        return []
    return [f"{path}: {finding}" for finding in rule.find(path, text)]
