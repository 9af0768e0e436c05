"""Sessions of boto3 that executors open; one of them ends its process, once."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from checker.sources.api.session import open_session


def opened(given: Mapping[str, str]) -> Any:
    # The JVM that starts the executors is older than the server.
    os.environ.update(given)
    return open_session()


def opened_once(given: Mapping[str, str], marker: str, driver: int) -> Any:
    """Open a session, but end the first process that is not the driver."""
    if os.getpid() != driver:
        try:
            Path(marker).touch(exist_ok=False)
        except FileExistsError:
            pass
        else:
            os._exit(1)
    return opened(given)


def opening(given: Mapping[str, str]) -> Callable[[], Any]:
    return functools.partial(opened, given)


def dying(given: Mapping[str, str], marker: Path) -> Callable[[], Any]:
    return functools.partial(opened_once, given, str(marker), os.getpid())
