"""The import contracts hold, every app is under them, and each contract is able to say no."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.guards.house import DOMAIN_APPS, ROOT

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONTRACTS = PYPROJECT["tool"]["importlinter"]


def lint_imports(directory: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    environment = os.environ | {"PYTHONPATH": str(directory)}
    return subprocess.run(
        command, cwd=directory, env=environment, capture_output=True, text=True, check=False
    )


def test_import_contracts_are_kept():
    answer = lint_imports(ROOT)
    assert answer.returncode == 0, answer.stdout[-4000:]


@pytest.mark.control
@pytest.mark.parametrize(
    ("contract", "module", "line"),
    [
        ("Inside revops", "revops/kernel/money.py", "import revops.web"),
        ("Inside revops", "revops/api/__init__.py", "import revops.web"),
        ("Inside the kernel", "revops/kernel/money.py", "import revops.kernel.audit"),
        ("Inside the kernel", "revops/kernel/outbox/__init__.py", "import revops.kernel.people"),
        ("Between apps", "revops/web/__init__.py", "import accounts"),
        ("Between apps", "accounts/__init__.py", "import revops.settings"),
    ],
)
def test_contract_catches_an_upward_import(tmp_path, contract, module, line):
    for package in CONTRACTS["root_packages"]:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / module).open("a", encoding="utf-8") as planted:
        planted.write(f"\n{line}\n")
    answer = lint_imports(tmp_path)
    assert answer.returncode != 0
    assert any(row.startswith(contract) and row.endswith("BROKEN") for row in answer.stdout.splitlines()), (
        answer.stdout
    )


def test_contracts_have_no_ignore_list():
    assert [contract["name"] for contract in CONTRACTS["contracts"] if "ignore_imports" in contract] == []


def test_every_app_is_under_the_contracts_and_mypy():
    present = {name for name in DOMAIN_APPS if (ROOT / name / "__init__.py").exists()}
    assert set(CONTRACTS["root_packages"]) == {"revops", *present}
    assert set(PYPROJECT["tool"]["mypy"]["packages"]) == {"revops", *present}


def test_no_package_at_the_top_is_unknown():
    """A new app is named in DOMAIN_APPS and in the third contract, or it stands outside the law."""
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages - {"revops", "tests", "bench"} <= set(DOMAIN_APPS)
    layers = CONTRACTS["contracts"][2]["layers"]
    listed = {name.strip(" ()") for layer in layers for name in layer.split("|")}
    assert set(DOMAIN_APPS) <= listed
