"""The reading of a server's log: what fails a browser test and what does not."""

from pathlib import Path

import pytest

from tests.browser.server import Server, tracebacks

PACKAGES = "/app/.venv/lib/python3.11/site-packages"


def trace(file: str, error: str) -> str:
    frame = f'  File "{file}", line 7, in asked\n    data = ask()\n           ^^^^^\n'
    return f"Traceback (most recent call last):\n{frame}{error}\n"


NOT_CONNECTED = trace(
    f"{PACKAGES}/streamlit/web/server/starlette/starlette_websocket.py",
    'starlette.websockets.WebSocketDisconnected: WebSocket is not connected. Need to call "accept" first.',
)
CANNOT_SEND = trace(
    f"{PACKAGES}/starlette/websockets.py",
    'starlette.websockets.WebSocketDisconnected: Cannot call "send" once a close message has been sent.',
)
BETWEEN = "\nDuring handling of the above exception, another exception occurred:\n\n"
CLOSED_WHILE_SENDING = f"ERROR:    Exception in ASGI application\n{NOT_CONNECTED}{BETWEEN}{CANNOT_SEND}"
OURS = trace("/app/explorer/live.py", "ValueError: no")


def test_a_page_closed_while_its_server_was_sending_is_no_fault() -> None:
    assert tracebacks(f"started\n{CLOSED_WHILE_SENDING}later\n") == ""


@pytest.mark.parametrize(
    "log",
    [
        OURS,
        CLOSED_WHILE_SENDING + OURS,
        OURS + CLOSED_WHILE_SENDING,
        NOT_CONNECTED,
        CANNOT_SEND,
        f"{OURS}{BETWEEN}{CANNOT_SEND}",
        f"{NOT_CONNECTED}{BETWEEN}{OURS}",
        CLOSED_WHILE_SENDING.replace(f"{PACKAGES}/starlette", "/app/explorer"),
    ],
)
def test_any_other_traceback_is_a_fault(log: str) -> None:
    assert "Traceback" in tracebacks(f"started\n{log}later\n")


def test_a_fault_is_told_once(tmp_path: Path) -> None:
    server = Server(tmp_path / "app.py", tmp_path / "log")
    server.log.write_text("gestartet, für alle\n" + OURS)
    assert "ValueError: no" in server.faults()
    assert server.faults() == ""
    with server.log.open("a") as log:
        log.write("later\n" + OURS)
    assert "ValueError: no" in server.faults()
