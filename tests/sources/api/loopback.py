"""A server on the loopback that answers every request as a test wants."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import botocore.session
import pytest
from botocore.loaders import create_loader

LOADER = create_loader()


@dataclass(frozen=True, slots=True)
class Sent:
    """An answer; `length` is a wrong Content-Length, `chunked` an answer cut off."""

    body: bytes
    length: int | None = None
    status: int = 200
    kind: str = "application/x-amz-json-1.1"
    chunked: bool = False
    wait: threading.Event | None = None


@dataclass
class Loopback:
    """What the server answers, and the operations that it was asked for."""

    give: Callable[[str, str], Sent]
    asked: list[str] = field(default_factory=list)
    url: str = ""


@contextmanager
def serving(give: Callable[[str, str], Sent]) -> Iterator[Loopback]:
    """Serve; `give` gets the operation, as far as a request names it, and the body."""
    state = Loopback(give)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            """Nothing."""

        def do_POST(self) -> None:
            size = int(self.headers.get("content-length") or 0)
            text = self.rfile.read(size).decode()
            target = (self.headers.get("x-amz-target") or "").rpartition(".")[2]
            action = parse_qs(text).get("Action", [""])[0]
            operation = target or action or urlsplit(self.path).path
            state.asked.append(operation)
            self.send(state.give(operation, text))

        do_GET = do_POST  # noqa: N815 - the name http.server looks for
        do_PUT = do_POST  # noqa: N815 - likewise

        def send(self, sent: Sent) -> None:
            if sent.wait is not None:
                sent.wait.wait(60)
            self.send_response(sent.status)
            self.send_header("content-type", sent.kind)
            if sent.chunked:
                self.send_header("transfer-encoding", "chunked")
                self.end_headers()
                size = f"{len(sent.body) + 10:x}\r\n".encode()
                self.wfile.write(size + sent.body)
                self.close_connection = True
                return
            length = len(sent.body) if sent.length is None else sent.length
            self.send_header("content-length", str(length))
            self.end_headers()
            self.wfile.write(sent.body)
            self.close_connection = length != len(sent.body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()


def session(monkeypatch: pytest.MonkeyPatch, url: str) -> boto3.Session:
    """Open a session whose clients all talk to one address."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    # S3 Control puts the account before every host, this one too.
    known = socket.getaddrinfo

    def resolved(host: str, *rest: Any, **more: Any) -> Any:
        return known(
            "127.0.0.1" if host.endswith(".127.0.0.1") else host, *rest, **more
        )

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    below = botocore.session.get_session()
    below.register_component("data_loader", LOADER)
    return boto3.Session(region_name="us-east-1", botocore_session=below)
