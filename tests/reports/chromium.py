"""Drive Debian's chromium over a pipe, without a port and without a package.

https://chromedevtools.github.io/devtools-protocol/
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PATH = Path("/usr/bin/chromium")
_OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--remote-debugging-pipe",
)

_START = (
    "import os, sys;"
    "calls, answers = os.dup(int(sys.argv[1])), os.dup(int(sys.argv[2]));"
    "os.dup2(calls, 3); os.dup2(answers, 4);"
    "os.set_inheritable(3, True); os.set_inheritable(4, True);"
    "os.execv(sys.argv[3], sys.argv[3:])"
)
"""The browser reads calls from descriptor 3 and writes its answers to 4."""


class Browser:
    """One page of a browser, and what it has told since it began."""

    def __init__(self, write: int, read: int) -> None:
        self._write = write
        self._read = read
        self._text = b""
        self._number = 0
        self._session: str | None = None
        self.told: list[dict[str, Any]] = []

    def open(self, url: str) -> None:
        """Load a page and wait until its script has drawn it."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.call("Page.navigate", url=url)
        end = time.monotonic() + 60
        while self.evaluate("document.documentElement?.dataset.ready") != "true":
            assert time.monotonic() < end, self.told[-3:]
            time.sleep(0.05)

    def evaluate(self, script: str) -> Any:
        """Return the value of a script."""
        found = self.call(
            "Runtime.evaluate",
            expression=script,
            returnByValue=True,
            awaitPromise=True,
        )
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def call(self, method: str, **parameters: Any) -> Any:
        """Return the answer to one call; what else comes is kept."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return answer["result"]
            self.told.append(answer)

    def events(self, method: str) -> list[Any]:
        """Return what the browser has told by that name."""
        return [each["params"] for each in self.told if each.get("method") == method]

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._text:
            ready, _, _ = select.select([self._read], [], [], 60)
            more = os.read(self._read, 1 << 16) if ready else b""
            assert more, "the browser says nothing"
            self._text += more
        line, _, self._text = self._text.partition(b"\0")
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextlib.contextmanager
def browser(folder: Path) -> Iterator[Browser]:
    """Start a browser whose profile is in the folder, and end it."""
    its_read, our_write = os.pipe()
    our_read, its_write = os.pipe()

    command = [
        sys.executable,
        "-c",
        _START,
        str(its_read),
        str(its_write),
        str(PATH),
        *_OPTIONS,
        f"--user-data-dir={folder}",
    ]
    process = subprocess.Popen(
        command,
        pass_fds=(its_read, its_write),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(its_read)
    os.close(its_write)
    try:
        yield Browser(our_write, our_read)
    finally:
        process.kill()
        process.wait()
        os.close(our_write)
        os.close(our_read)
