"""A real Chromium on a live server. A page that errs, breaks its content security policy or calls another
host fails its test, whatever the test itself looks at.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response, expect
from pytest_django.live_server_helper import LiveServer

# Playwright's synchronous interface keeps an event loop in this thread; Django would refuse to query in it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
# A busy machine is no reason to fail.
expect.set_options(timeout=30_000)

ROOT = Path(__file__).resolve().parent.parent.parent
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", event =>
    window.reportViolation(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
"""


@dataclass
class Watch:
    """Collects what no page may do; `allow` names what one test provokes on purpose."""

    host: str
    seen: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)

    def allow(self, pattern: str) -> None:
        """Let findings that match this regular expression pass."""
        self.allowed.append(pattern)

    def findings(self) -> list[str]:
        """Return what was seen and not allowed."""
        return [
            finding for finding in self.seen if not any(re.search(each, finding) for each in self.allowed)
        ]

    def on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.seen.append(f"console error: {message.text} ({message.location.get('url', '')})")

    def on_page_error(self, error: Exception) -> None:
        self.seen.append(f"uncaught error: {error}")

    def on_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in {"data", "blob", "about"} and parts.netloc != self.host:
            self.seen.append(f"request to another host: {request.url}")

    def on_response(self, response: Response) -> None:
        if response.status >= 500:
            self.seen.append(f"answer {response.status}: {response.url}")

    def on_violation(self, source: Any, text: str) -> None:
        self.seen.append(f"content security policy: {text}")

    def attach(self, context: BrowserContext) -> None:
        """Watch every page of this context from its first request on."""
        context.expose_binding("reportViolation", self.on_violation)
        context.add_init_script(REPORT_VIOLATIONS)
        context.on("console", self.on_console)
        context.on("weberror", lambda web_error: self.on_page_error(web_error.error))
        context.on("request", self.on_request)
        context.on("response", self.on_response)


def chromium() -> str | None:
    """Return where this machine keeps its Chromium."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Start the machine's own Chromium; without one the tests are skipped, but never in CI."""
    path = chromium()
    if path is None and os.environ.get("CI"):
        pytest.fail("CI has no Chromium; .ci/run installs Debian's package.")
    if path is None:
        pytest.skip("no Chromium on this machine; install Debian's package chromium")
    return {"executable_path": path, "args": ARGUMENTS}


@pytest.fixture
def watch(live_server: LiveServer) -> Watch:
    """What the pages of this test did that they must not."""
    return Watch(host=urlsplit(live_server.url).netloc)


@pytest.fixture
def browser_context_args(live_server: LiveServer) -> dict[str, Any]:
    """Addresses are relative to the live server: `page.goto("/")`."""
    return {
        "base_url": live_server.url,
        "viewport": {"width": 1440, "height": 900},
        "reduced_motion": "reduce",
        "locale": "en-US",
    }


@pytest.fixture
def context(new_context: Callable[..., BrowserContext], watch: Watch) -> Iterator[BrowserContext]:
    """A fresh, watched profile; the test fails if any page of it misbehaved."""
    context = new_context()
    watch.attach(context)
    yield context
    findings = watch.findings()
    assert not findings, "\n".join(findings)


@pytest.fixture
def axe(page: Page) -> Callable[..., list[str]]:
    """Return a function that lists the serious and critical findings of axe-core on the page as it is now.

    `only` names the rules to ask, where the others cannot differ from what was asked already.
    """

    def check(only: Sequence[str] = ()) -> list[str]:
        page.evaluate(AXE.read_text(encoding="utf-8"))
        wanted = {"resultTypes": ["violations"]} | ({"runOnly": list(only)} if only else {})
        report = page.evaluate("wanted => axe.run(document, wanted)", wanted)
        return [
            f"{violation['id']} ({violation['impact']}): {node['html']}"
            for violation in report["violations"]
            if violation["impact"] in {"serious", "critical"}
            for node in violation["nodes"]
        ]

    return check
