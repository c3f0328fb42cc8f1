"""The house rules hold in every file, and each of them is able to say no."""

import pytest

from tests.guards.house import CLOCK, RULES, Rule, files, findings

LONG_FUNCTION = "def f():\n" + "    pass\n" * 60
SHORT_FUNCTION = "def f():\n" + "    pass\n" * 59

# rule -> (path, text) that it must refuse
BAD = {
    "module_is_short": [("accounts/models.py", "x = 1\n" * 401)],
    "functions_are_short": [
        ("accounts/actions.py", LONG_FUNCTION),
        (
            "accounts/actions.py",
            "class A:\n" + "".join(f"    {line}\n" for line in LONG_FUNCTION.splitlines()),
        ),
    ],
    "name_says_something": [
        ("accounts/utils.py", ""),
        ("accounts/helpers/names.py", ""),
        ("revops/kernel/people/services.py", ""),
        ("accounts/managers.py", ""),
        ("accounts/signals.py", ""),
    ],
    "migration_has_an_intent": [
        ("accounts/migrations/0002_auto_20260101_1200.py", ""),
        ("accounts/migrations/0002_alter_account_name.py", ""),
        ("accounts/migrations/0002_account_name_and_more.py", ""),
        ("accounts/migrations/0002.py", ""),
    ],
    "clock_is_injected": [
        ("accounts/actions.py", "from django.utils import timezone\nat = timezone.now()\n"),
        ("accounts/models.py", "from django.utils import timezone\nf(default=timezone.now)\n"),
        ("accounts/queries.py", "import datetime\nat = datetime.datetime.now(datetime.UTC)\n"),
        ("accounts/queries.py", "from datetime import date\nday = date.today()\n"),
        ("accounts/queries.py", "from django.utils.timezone import now\n"),
        ("accounts/queries.py", "from time import time\n"),
        ("accounts/queries.py", "from django.db.models.functions import Now\n"),
        ("revops/kernel/clocks/fiscal.py", "from datetime import date\nday = date.today()\n"),
    ],
    "no_model_signals": [
        ("accounts/apps.py", "from django.db.models.signals import post_save\n"),
        ("accounts/apps.py", "from django.db.models import signals\nsignals.pre_save.connect(f)\n"),
        ("accounts/receivers.py", "from simple_history.signals import post_create_historical_record\n"),
        ("accounts/receivers.py", "from django.dispatch import Signal\n"),
        ("revops/kernel/guard.py", "from django.db.models.signals import post_save\n"),
        ("revops/kernel/audit/writing.py", "from django.db.models.signals import pre_delete\n"),
    ],
    "leaves_by_the_one_door": [
        ("accounts/actions.py", "import requests\n"),
        ("accounts/actions.py", "def f():\n    from urllib.request import urlopen\n"),
        ("accounts/actions.py", "from urllib import request\n"),
        ("accounts/actions.py", "import urllib.request\n"),
        ("accounts/actions.py", "import httpx\n"),
        ("accounts/actions.py", "from http import client\n"),
        ("accounts/actions.py", "import smtplib\n"),
        ("revops/supervisor/watch.py", "import requests\n"),
    ],
    "migration_imports_no_app": [
        (
            "accounts/migrations/0002_fill.py",
            "from accounts.models import Account\nmigrations.RunPython(f)\n",
        ),
        ("accounts/migrations/0002_fill.py", "def f():\n    import accounts.actions\nRunPython(f)\n"),
    ],
    "query_says_its_order": [
        ("accounts/models.py", "class A:\n    class Meta:\n        ordering = ['name']\n")
    ],
    "governance_stands_apart": [("governance/queries.py", "from accounts.models import Account\n")],
    "template_is_short": [("templates/base.html", "<p>\n" * 60)],
    "template_has_nothing_inline": [
        ("templates/a.html", "<script>alert(1)</script>"),
        ("templates/a.html", "<style>p { color: red }</style>"),
        ("templates/a.html", '<p class="x"\n   style="color: red">'),
        ("templates/a.html", '<button onclick="go()">'),
        ("templates/a.html", '<button hx-on:click="go()">'),
        ("templates/a.html", '<a href="javascript:go()">'),
    ],
    "page_calls_no_other_host": [
        ("templates/a.html", '<script src="https://example.com/x.js"></script>'),
        ("templates/a.html", "<link rel=stylesheet href=//example.com/x.css>"),
        ("templates/a.html", '<img src="http://example.com/x.png">'),
        ("templates/a.html", '<form method="post" action="https://example.com/">'),
        ("static/css/a.css", "@import 'https://example.com/x.css';"),
        ("static/css/a.css", "p { background: url(https://example.com/x.png) }"),
        ("static/js/a.js", 'fetch("https://example.com/")'),
        ("revops/web/tags.py", 'HTMX = "https://unpkg.com/htmx.org"'),
    ],
}

# rule -> (path, text) that is near the limit and must pass
GOOD = {
    "module_is_short": [
        ("accounts/models.py", "x = 1\n" * 400),
        ("accounts/migrations/0001_a.py", "x = 1\n" * 401),
    ],
    "functions_are_short": [("accounts/actions.py", SHORT_FUNCTION)],
    "name_says_something": [("accounts/service_level.py", "")],
    "migration_has_an_intent": [
        ("accounts/migrations/0001_initial.py", ""),
        ("accounts/migrations/0002_name_is_folded.py", ""),
        ("accounts/migrations/__init__.py", ""),
    ],
    "clock_is_injected": [
        (CLOCK, "from django.utils import timezone\nat = timezone.now()\n"),
        ("accounts/actions.py", "from revops.kernel.clocks import now\nat = now()\n"),
    ],
    "no_model_signals": [("accounts/apps.py", "from django.contrib.auth.signals import user_logged_in\n")],
    "leaves_by_the_one_door": [
        ("accounts/actions.py", "from urllib.parse import urlsplit\n"),
        ("revops/kernel/outbox/egress.py", "import requests\n"),
    ],
    "migration_imports_no_app": [
        ("accounts/migrations/0002_fill.py", "import revops.kernel.money\nmigrations.RunPython(f)\n")
    ],
    "governance_stands_apart": [("accounts/queries.py", "from accounts.models import Account\n")],
    "template_is_short": [("templates/base.html", "<p>\n" * 59)],
    "template_has_nothing_inline": [
        ("templates/a.html", '<script src="{% static "a.js" %}" defer></script>'),
        ("templates/a.html", '<p class="styled" data-on="x" data-style="y" hx-once="">one style = two</p>'),
    ],
    "page_calls_no_other_host": [
        ("templates/a.html", '<a href="https://example.com/" rel="noopener">the standard</a>'),
        ("templates/a.html", '<svg xmlns="http://www.w3.org/2000/svg">'),
        ("static/js/a.js", 'import "./other.js"; fetch("/api/v1/")'),
    ],
}

by_name = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)


@by_name
def test_rule_holds_everywhere(rule: Rule) -> None:
    found = [finding for path, text in files() for finding in findings(rule, path, text)]
    assert found == []


@pytest.mark.control
@by_name
def test_rule_catches_a_planted_example(rule: Rule) -> None:
    assert BAD[rule.name]
    for path, text in BAD[rule.name]:
        assert findings(rule, path, text), f"{rule.name} let {path} pass:\n{text}"


@by_name
def test_rule_lets_the_limit_pass(rule: Rule) -> None:
    assert [finding for path, text in GOOD.get(rule.name, []) for finding in findings(rule, path, text)] == []


def test_rules_read_the_product() -> None:
    """Guards against a walk that finds nothing and therefore passes."""
    paths = {path for path, _ in files()}
    assert {"revops/settings.py", "revops/kernel/guard.py", "accounts/__init__.py"} <= paths
