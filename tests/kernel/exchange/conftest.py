from pathlib import Path

import pytest

from tests.cast import cast, cast_of_module, committed_cast, organisation_at_once, settled_organisation
from tests.kernel.exchange.files import Csv

__all__ = ["cast", "cast_of_module", "committed_cast", "organisation_at_once", "settled_organisation"]


@pytest.fixture
def csv_file(tmp_path: Path) -> Csv:
    """Write files for a test: `csv_file("Id,Name\\n1,Acme\\n")`."""
    return Csv(tmp_path)
