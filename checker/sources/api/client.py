"""Clients of AWS whose answers are checked and whose waits have an end.

Every client that is made here sends its calls through `_Calls.make`, so that no page of
any operation is taken unchecked.
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeVar

from checker.aws.answer_members import ANSWER_MEMBERS
from checker.sources.api import answers
from checker.sources.api.failures import (
    NAMELESS,
    OUT_OF_REACH,
    BrokenAnswer,
    NoAnswerInTime,
    NotAskedAgain,
    code,
    failures,
    kind,
    message,
)

CONNECT_SECONDS: Final = 5
READ_SECONDS: Final = 15
"""How long to wait for the next bytes of an answer; AWS answers in a few seconds."""

CALL_SECONDS: Final = 90
"""How long a call may take with all its tries, however slowly its bytes arrive."""

SILENT_TRIES: Final = 2
"""How often a call is tried that gets no answer; a lost one is tried again."""

BROKEN_TRIES: Final = 3
_BROKEN_PAUSE: Final = 0.2

SILENT_CALLS: Final = 2
"""After how many calls without an answer an operation is not called again."""

LOST_SECONDS: Final = 240.0
"""How long all threads of one collection may wait for nothing, in sum.

After that, only endpoints that have answered are called.
"""

T = TypeVar("T")


@dataclass
class Patience:
    """What the clients of one collection have waited for in vain; for all its threads.

    An operation that gave no answer `SILENT_CALLS` times running is not called again,
    and no endpoint that never answered once `LOST_SECONDS` have gone by.
    """

    lost: float = 0.0
    answered: set[str] = field(default_factory=set)
    silent: dict[tuple[str, str], int] = field(default_factory=dict)
    last: dict[tuple[str, str], Exception] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def check(self, endpoint: str, operation: str) -> None:
        """Raise `NotAskedAgain` when a call would only wait again."""
        with self.lock:
            spent = self.lost >= LOST_SECONDS and endpoint not in self.answered
            keys = [(endpoint, operation)]
            if endpoint not in self.answered:
                keys.append((endpoint, ""))
            found = next(
                (key for key in keys if self.silent.get(key, 0) >= SILENT_CALLS), None
            )
            if found:
                error = self.last[found]
                said = f"not asked again after {SILENT_CALLS} calls without an answer"
                raise NotAskedAgain(code(error), f"{said}: {message(error)}")
            if spent:
                said = "not asked: too many endpoints gave no answer"
                raise NotAskedAgain(NoAnswerInTime.__name__, said)

    def add(
        self, endpoint: str, operation: str, seconds: float, error: Exception
    ) -> None:
        """Add a call that got no answer."""
        with self.lock:
            self.lost += seconds
            for key in ((endpoint, operation), (endpoint, "")):
                self.silent[key] = self.silent.get(key, 0) + 1
                self.last[key] = error

    def clear(self, endpoint: str, operation: str) -> None:
        """Note that a call was answered, by an error too."""
        with self.lock:
            self.answered.add(endpoint)
            self.silent.pop((endpoint, operation), None)
            self.silent.pop((endpoint, ""), None)


def make(  # noqa: PLR0913 - what the clients differ in
    session: Any,
    service: str,
    region: str | None = None,
    *,
    attempts: int = 5,
    mode: Literal["standard", "adaptive"] = "standard",
    connections: int = 10,
    read_seconds: float = READ_SECONDS,
    patience: Patience | None = None,
) -> Any:
    """Make a client; `attempts` counts the tries of each call, 1 for none of its own.

    Throttled calls are tried again as AWS's retry modes do, with jitter; those without
    an answer `SILENT_TRIES` times.  Each call may raise what `failures()` lists.
    https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
    """
    from botocore.config import Config

    client = session.client(
        service,
        region_name=region,
        config=Config(
            retries={"mode": mode, "total_max_attempts": attempts},
            connect_timeout=CONNECT_SECONDS,
            read_timeout=read_seconds,
            max_pool_connections=connections,
            user_agent_extra="trailcheck",
        ),
    )
    calls = _Calls(
        service,
        client.meta.endpoint_url,
        client._make_api_call,  # noqa: SLF001 - what all methods and paginators call
        patience or Patience(),
    )
    events = client.meta.events
    events.register("before-parse", calls.before_parse)
    events.register("after-call", answers.check_members)
    events.register_first("needs-retry", _stop_trying)
    # botocore has no public hook around a whole call.
    client._make_api_call = calls.make  # noqa: SLF001 - see above
    return client


@dataclass
class _Calls:
    """The calls of one client."""

    service: str
    endpoint: str
    call: Callable[[str, Mapping[str, Any]], Any]
    patience: Patience
    parsing: threading.local = field(default_factory=threading.local)

    def make(self, operation: str, parameters: Mapping[str, Any]) -> Any:
        """Make one call: in the place of botocore's method of a client."""
        if (self.service, operation) not in ANSWER_MEMBERS:
            # A mistake of ours: what its answer always holds must be looked up first.
            raise LookupError(f"answer_members has no {self.service} {operation}")
        for tries in range(1, BROKEN_TRIES + 1):
            self.patience.check(self.endpoint, operation)
            try:
                return self._once(operation, parameters)
            except BrokenAnswer as error:
                if tries == BROKEN_TRIES or error.tried:
                    raise
                time.sleep(_BROKEN_PAUSE * tries)
        raise AssertionError("unreachable")

    def before_parse(self, **event: Any) -> None:
        """Check a body; what goes wrong from now on is the answer's fault."""
        self.parsing.now = True
        answers.check_body(**event)

    def _once(self, operation: str, parameters: Mapping[str, Any]) -> Any:
        start = time.monotonic()
        try:
            work = functools.partial(self._parsed, operation, parameters)
            answer = _within(CALL_SECONDS, work)
        except failures() as error:
            if kind(code(error)) in OUT_OF_REACH:
                seconds = time.monotonic() - start
                self.patience.add(self.endpoint, operation, seconds, error)
            else:
                self.patience.clear(self.endpoint, operation)
            raise
        self.patience.clear(self.endpoint, operation)
        return answer

    def _parsed(self, operation: str, parameters: Mapping[str, Any]) -> Any:
        """Make the call; at odd answers botocore's parsers raise errors of any kind."""
        from botocore.exceptions import BotoCoreError, ClientError

        self.parsing.now = False
        try:
            return self.call(operation, parameters)
        except (BrokenAnswer, BotoCoreError, ClientError):
            raise
        except Exception as error:
            if not self.parsing.now:
                raise
            said = f"the answer to {operation} cannot be read: {error!r:.200}"
            raise BrokenAnswer(said) from error


def _stop_trying(
    attempts: int, caught_exception: Exception | None, response: Any, **_: Any
) -> None:
    """Raise the failure of a call that was tried often enough.

    A server error without AWS's own code comes from something in front of AWS, or is
    what botocore makes of a body of S3 that is not XML.
    """
    if caught_exception is not None and attempts >= SILENT_TRIES:
        raise caught_exception
    if response is not None and attempts >= BROKEN_TRIES:
        found = str((response[1].get("Error") or {}).get("Code"))
        if found in NAMELESS:
            said = f"HTTP status {found} without an error of AWS"
            raise BrokenAnswer(said, tried=True)


def _within(seconds: float, work: Callable[[], T]) -> T:
    """Do some work in a thread of its own, and wait no longer than this.

    Sockets have time limits, but not the resolution of names, the programs that provide
    credentials, or an answer that arrives byte by byte.
    """
    results: list[T] = []
    errors: list[BaseException] = []
    done = threading.Event()

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            errors.append(error)
        finally:
            done.set()

    threading.Thread(target=run, daemon=True).start()
    if not done.wait(seconds):
        raise NoAnswerInTime(f"no whole answer within {seconds:g} seconds")
    for error in errors:
        raise error
    return results[0]
