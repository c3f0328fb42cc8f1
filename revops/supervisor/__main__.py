"""The command line: supervise all processes, or become one of them."""

import os
import signal
import sys

from revops.supervisor.child import Child
from revops.supervisor.processes import VAR, commands, port_of, say
from revops.supervisor.watch import Supervisor, obstacle


def main() -> int:
    """Prepare and supervise until Ctrl-C or SIGTERM; return 0, or 1 where nothing could be started."""
    for folder in ("log", "tmp"):
        (VAR / folder).mkdir(parents=True, exist_ok=True)
    # The filesystem broker moves each message through the temporary directory: same file system, atomic move.
    environment = {
        "SITE_URL": f"http://localhost:{port_of(os.environ)}",
        **os.environ,
        "TMPDIR": str(VAR / "tmp"),
        "PYTHONUNBUFFERED": "1",
    }
    supervisor = Supervisor(environment)
    with (VAR / "supervisor.lock").open("w") as lock:
        reason = obstacle(environment, lock)
        if reason:
            say(reason)
            return 1
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, supervisor.on_signal)
        if not supervisor.prepare():
            return 0 if supervisor.stopping else 1
        supervisor.watch(
            [
                Child(name, command, environment, VAR / "log" / f"{name}.log")
                for name, command in commands(environment).items()
            ]
        )
    say("RevOps has stopped.")
    return 0


def become(name: str) -> int:
    """Become the process `name`; return 2 where there is none of that name."""
    known = commands(os.environ)
    if name in known:
        VAR.mkdir(exist_ok=True)
        os.execv(known[name][0], known[name])
    say(f"There is no process {name!r}; there are {', '.join(known)}.")
    return 2


if __name__ == "__main__":
    sys.exit(become(sys.argv[1]) if len(sys.argv) > 1 else main())
