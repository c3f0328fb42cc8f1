from collections.abc import Iterator

import pytest

from revops.kernel.outbox import receiving


@pytest.fixture
def receivers() -> Iterator[None]:
    """Start without any receiver and forget those that the test registers."""
    kept = dict(receiving._by_key)
    receiving._by_key.clear()
    yield
    receiving._by_key.clear()
    receiving._by_key.update(kept)
