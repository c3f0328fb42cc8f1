"""Sends requests to one server over a few kept connections and says what came back.

Our own driver rather than wrk: it sends an exact number of requests, each with a body of its own, checks every
status and exists on every machine. CPU time a request does not depend on who asks.
"""

import itertools
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Self

CONNECTIONS = 4


@dataclass(frozen=True)
class Request:
    """What is sent again and again; `body` makes the next one where each must differ."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Callable[[int], bytes] | None = None
    expected: int = 200

    def encode(self, number: int) -> bytes:
        """Return the bytes of request `number`."""
        content = self.body(number) if self.body else b""
        head = {"Host": "127.0.0.1", "Accept": "application/json, text/html", **self.headers}
        if self.body:
            head |= {"Content-Type": "application/json", "Content-Length": str(len(content))}
        lines = [f"{self.method} {self.path} HTTP/1.1", *(f"{name}: {value}" for name, value in head.items())]
        return "\r\n".join([*lines, "", ""]).encode() + content


@dataclass(frozen=True)
class Answers:
    """What came back: how many, the bytes of one body, and the times on the clock in milliseconds, sorted."""

    count: int
    bytes: int
    milliseconds: list[float]

    def percentile(self, share: float) -> float:
        return self.milliseconds[min(len(self.milliseconds) - 1, int(share * len(self.milliseconds)))]


class Refused(Exception):
    """The server answered something else than was expected; the message shows it."""


_numbers = itertools.count(1)


def send(port: int, request: Request, count: int, *, connections: int = CONNECTIONS) -> Answers:
    """Send `count` requests over `connections` at a time. Raises Refused on the first unexpected status."""
    left = iter(range(count))
    guard = threading.Lock()
    times: list[float] = []
    sizes: list[int] = []
    failures: list[BaseException] = []

    def work() -> None:
        try:
            with Connection(port) as connection:
                while True:
                    with guard:
                        if failures or next(left, None) is None:
                            return
                        content = request.encode(next(_numbers))
                    begun = time.perf_counter()
                    size = connection.ask(content, request.expected)
                    times.append((time.perf_counter() - begun) * 1e3)
                    sizes.append(size)
        except BaseException as error:  # noqa: BLE001  raised again below, in the caller's thread
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(min(connections, count))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return Answers(len(times), max(sizes), sorted(times))


class Connection:
    """One kept connection, speaking just enough HTTP for answers that tell their length."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=120)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rest = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.socket.close()

    def ask(self, content: bytes, expected: int) -> int:
        """Send one request and return the size of its body."""
        self.socket.sendall(content)
        head, body = self._read()
        status = int(head.split(b" ", 2)[1])
        if status != expected:
            raise Refused(f"{status} instead of {expected}: {body[:600].decode(errors='replace')}")
        return len(body)

    def _read(self) -> tuple[bytes, bytes]:
        data = self.rest
        while b"\r\n\r\n" not in data:
            data += self._receive()
        head, _, rest = data.partition(b"\r\n\r\n")
        length = next(self._lengths(head))
        parts, have = [rest], len(rest)
        while have < length:
            parts.append(self._receive())
            have += len(parts[-1])
        whole = b"".join(parts)
        self.rest = whole[length:]
        return head, whole[:length]

    def _receive(self) -> bytes:
        data = self.socket.recv(262_144)
        if not data:
            raise Refused("The server closed the connection.")
        return data

    def _lengths(self, head: bytes) -> Iterator[int]:
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            if name.strip().lower() == b"content-length":
                yield int(value)
        raise Refused("The answer does not say how long it is.")
