"""A Streamlit server for the browser tests, with its log kept."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType

ROOT = Path(__file__).parents[2]
START_SECONDS = 90
SETTLE_SECONDS = 0.5

_TRACEBACK = "Traceback (most recent call last)"
_FRAME = r'  File "[^"\n]*site-packages[^"\n]*", line \d+, in .*\n(?:    .*\n)+'
# A page closed while its server was sending: Streamlit 1.67 takes Starlette's "not connected" for a text frame and
# closes what is closed already. No frame of ours is in it and no visitor is left to see it.
_CLOSED_WHILE_SENDING = re.compile(
    rf"{re.escape(_TRACEBACK)}:\n(?:{_FRAME})+"
    r"starlette\.websockets\.WebSocketDisconnected: WebSocket is not connected\..*\n\n"
    r"During handling of the above exception, another exception occurred:\n\n"
    rf"{re.escape(_TRACEBACK)}:\n(?:{_FRAME})+"
    r'starlette\.websockets\.WebSocketDisconnected: Cannot call "send" once a close message has been sent\.\n'
)


def tracebacks(log: str) -> str:
    """`log` from its first traceback on, else empty; a page closed while its server was sending does not count."""
    left = _CLOSED_WHILE_SENDING.sub("", log)
    at = left.find(_TRACEBACK)
    return left[at:] if at >= 0 else ""


class Server:
    """`with Server(app, log, *options) as server:` runs the app on a free port of this machine."""

    def __init__(self, app: Path, log: Path, *options: str) -> None:
        self.app, self.log, self.options, self.read = app, log, options, 0
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Server:
        command = [sys.executable, "-m", "streamlit", "run", str(self.app), "--server.port", str(self.port)]
        command += ["--server.address", "127.0.0.1", "--server.headless", "true", "--server.fileWatcherType", "none"]
        command += ["--browser.gatherUsageStats", "false", *self.options]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
        self._wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _wait(self) -> None:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=2):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        self.__exit__(None, None, None)
        raise RuntimeError(f"{self.app} did not start:\n{self.log.read_text()}")

    def faults(self) -> str:
        """What `tracebacks` finds in the log since this was last asked: one fault fails one test."""
        if tracebacks(self._unread()):
            time.sleep(SETTLE_SECONDS)  # it may be half written
        unread = self._unread()
        self.read += len(unread)
        return tracebacks(unread)

    def _unread(self) -> str:
        return self.log.read_text(errors="replace")[self.read :]
