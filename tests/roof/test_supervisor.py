"""`make run` keeps its processes alive and leaves none behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from revops.supervisor import __main__, child, watch

ROOT = Path(__file__).resolve().parent.parent.parent

# Runs the real supervisor over small processes that write down their ids, each with a child of its own.
STAND_IN = """
import sys
from pathlib import Path
from revops.supervisor import __main__, child, watch

folder = Path(sys.argv[1])
process = "import os, signal, time, pathlib; {before}; os.fork(); "
process += "pathlib.Path('{folder}', f'{name}-{{os.getpid()}}').touch(); {after}"
endless, deaf = "time.sleep(600)", "signal.signal(signal.SIGTERM, signal.SIG_IGN)"

def command(name, before="pass", after=endless):
    return [sys.executable, "-c", process.format(name=name, before=before, after=after, folder=folder)]

__main__.VAR = folder / "var"
child.PATIENCE = 1.0
__main__.commands = lambda environment: {
    "polite": command("polite"),
    "deaf": command("deaf", before=deaf),
    "mortal": command("mortal", after=f"time.sleep(0.2 if os.getppid() == {__import__('os').getpid()} else 600)"),
}
watch.manage = lambda *words: [sys.executable, "-c", f"print({' '.join(words)!r})", words[0]]
watch.is_answering = lambda environment: True
sys.exit(__main__.main())
"""


@dataclass
class Run:
    """One supervisor under test; its output goes to a file, which a process that outlives it cannot hold open."""

    process: subprocess.Popen[bytes]
    log: Path

    def finish(self) -> str:
        self.process.wait(20)
        return self.log.read_text()


Start = Callable[..., Run]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    runs: list[Run] = []

    def run(port: str = "0") -> Run:
        log = tmp_path / f"log.{len(runs)}"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-c", STAND_IN, str(tmp_path)],
                env=os.environ | {"PYTHONPATH": str(ROOT), "PORT": port, "DEBUG": "1"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        runs.append(Run(process, log))
        return runs[-1]

    yield run
    for each in runs:
        if each.process.poll() is None:
            each.process.terminate()
        each.process.wait(20)
    for pid in ids(tmp_path):
        if alive(pid):
            os.kill(pid, signal.SIGKILL)


def ids(folder: Path, name: str = "*") -> set[int]:
    """Return the process ids that the stand-ins wrote down."""
    return {int(path.name.rpartition("-")[2]) for path in folder.glob(f"{name}-[0-9]*")}


def alive(pid: int) -> bool:
    """Tell whether a process runs; a zombie that nobody has reaped yet does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait_for(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_stops_every_process_and_their_children(start, tmp_path, number):
    run = start()
    wait_for(lambda: len(ids(tmp_path, "polite")) == 2 and len(ids(tmp_path, "deaf")) == 2)
    wait_for(lambda: len(ids(tmp_path, "mortal")) >= 4)
    run.process.send_signal(number)
    output = run.finish()
    assert run.process.returncode == 0, output
    assert [pid for pid in ids(tmp_path) if alive(pid)] == []
    assert "migrate" in output
    assert "load_demo" in output
    assert "demo_sign_ins" in output
    assert "mortal ended (exit code 0); starting it again in 1 s." in output
    assert "deaf did not stop within 1 s and was killed." in output


def test_killed_supervisor_takes_its_processes_along(start, tmp_path):
    run = start()
    wait_for(lambda: len(ids(tmp_path, "polite")) == 2)
    leader = next(pid for pid in ids(tmp_path, "polite") if os.getpgid(pid) == pid)
    run.process.kill()
    wait_for(lambda: not alive(leader))


def test_second_start_from_the_same_folder_is_refused(start, tmp_path):
    start()
    wait_for(lambda: len(ids(tmp_path, "polite")) == 2)
    second = start()
    output = second.finish()
    assert second.process.returncode == 1
    assert "RevOps already runs" in output


def test_taken_port_is_refused_before_anything_starts(start, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        run = start(port=str(taken.getsockname()[1]))
        output = run.finish()
    assert run.process.returncode == 1
    assert "Address already in use" in output
    assert ids(tmp_path) == set()


def test_failed_step_starts_nothing(monkeypatch, capsys):
    monkeypatch.setattr(
        watch, "manage", lambda *words: [sys.executable, "-c", "raise SystemExit(3)", words[0]]
    )
    assert watch.Supervisor(os.environ).prepare() is False
    assert "failed (exit code 3); nothing was started." in capsys.readouterr().out


def test_pauses_grow_and_are_forgotten_after_a_steady_while(capsys):
    mortal = child.Child("mortal", [sys.executable, "-c", "pass"], os.environ)
    pauses = []
    for now in (0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 5.0 + child.STEADY + 1):
        mortal.bury(now)
        pauses.append(mortal.start_at - now)
    assert pauses == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 1.0]


def test_unknown_process_is_refused(capsys):
    assert __main__.become("wbe") == 2
    assert "web, worker, beat, pump" in capsys.readouterr().out


def test_static_files_are_collected_again_only_after_a_change(tmp_path):
    names = (".venv/.installed", "node_modules/.installed", "revops/assets.py", "static/css/tokens.css")
    for name in (*names, "var/static/staticfiles.json"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        os.utime(path, (1000, 1000))
    for folder in tmp_path.rglob("*"):
        os.utime(folder, (1000, 1000))
    manifest = tmp_path / "var/static/staticfiles.json"
    os.utime(manifest, (2000, 2000))
    assert watch.static_is_current(tmp_path)
    for name in names:
        os.utime(tmp_path / name, (3000, 3000))
        assert not watch.static_is_current(tmp_path)
        os.utime(tmp_path / name, (1000, 1000))
    manifest.unlink()
    assert not watch.static_is_current(tmp_path)
