"""A worker that dies: `python -m tests.kernel.exchange.bulk_worker RUN CHUNK WHERE NTH`.

It kills itself with SIGKILL behind the NTH call of one step. `chunk` and `note` lie inside the transaction that
writes, `end` behind its commit. `unnoted` is the control: nothing is noted beside what an action writes.
"""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import django


def dying(step: Callable[..., Any], nth: int) -> Callable[..., Any]:
    """Return the step that ends the process behind its nth call."""
    calls = 0

    def run(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        answer = step(*args, **kwargs)
        calls += 1
        if calls == nth:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    return run


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "revops.settings")
    django.setup()

    from revops.kernel.audit import changes
    from revops.kernel.exchange.bulk import chunks, marking, working
    from revops.kernel.exchange.bulk.deeds import Deed
    from revops.kernel.exchange.bulk.models import BulkRun

    run, size, where, nth = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
    chunks.CHUNK = size
    if where == "chunk":
        chunks.Worker._keep = dying(chunks.Worker._keep, nth)  # type: ignore[method-assign]
    elif where == "note":
        changes._last["bulk"] = dying(marking.note, nth)
    else:
        Deed.run = dying(Deed.run, nth)  # type: ignore[method-assign]
    if where == "unnoted":
        changes._last["bulk"] = lambda change: None
    working.work(run, str(BulkRun.objects.get(pk=run).token))
