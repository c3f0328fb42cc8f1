"""Imports one file of leads in this process and says how fast and in how much memory, as JSON.

`python -m bench.lead_import FILE --by ID [--warm FILE]`; `--warm` names a small file that is imported first.
"""

import argparse
import json
import resource
from pathlib import Path

import django


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.lead_import", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--by", type=int, required=True)
    parser.add_argument("--warm", type=Path)
    given = parser.parse_args()
    django.setup()
    from bench.bulk import backend, timed
    from revops.kernel.exchange import importing
    from revops.kernel.exchange.models import RowOutcome
    from revops.kernel.identity.models import User

    by = User.objects.get(pk=given.by)

    def bring(path: Path) -> dict[str, int]:
        report = importing.run(by=by, record_type="lead", path=path, mapping="columns")
        return {str(outcome): report.counts[outcome] for outcome in RowOutcome}

    if given.warm:
        bring(given.warm)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    with given.file.open(encoding="utf-8") as file:
        rows = sum(1 for _ in file) - 1
    counts: dict[str, int] = {}
    found = timed(rows, lambda: counts.update(bring(given.file)), *backend())
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({**found, "rows": rows, "counts": counts, "megabytes": most, "before": before}))


if __name__ == "__main__":
    main()
