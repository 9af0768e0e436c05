"""Make AWS calls, none of which can stop a collection.

Each call ends in an `Answer` with a state.  Whatever went wrong is a row of the
snapshot's `errors` as well, so that nothing is missing without a reason.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from checker.aws import error_codes
from checker.sources.api import client as api
from checker.sources.api.failures import BrokenAnswer, code, failures, message
from checker.sources.api.values import json_values

Body: TypeAlias = dict[str, Any]
Progress: TypeAlias = Callable[[str, int, int], None]
T = TypeVar("T")
R = TypeVar("R")

# CloudTrail answers 10 reads a second, account and Region: more threads only wait.
WORKERS = 8
MESSAGE_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Question:
    """One call to make: boto3's client and method, and what the answer is for.

    `section` names the place in the snapshot (`buckets.policy`) and `resource` the
    thing asked about; both go into the error row.  `absent` holds the error codes by
    which AWS says that nothing is configured.
    """

    service: str
    operation: str
    region: str
    section: str
    resource: str | None = None
    absent: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Answer:
    """How a call went, and what it gave: nothing at all unless `state` is ok."""

    state: str
    body: Body


@dataclass(frozen=True, slots=True)
class Rows:
    """How a listing went, and the rows of the pages before it failed, if it did."""

    state: str
    rows: list[Body]


class Caller:
    """Makes the calls of one collection and keeps the rows of those that failed.

    It may be used from several threads.  `enabled` is set once it is known which
    Regions are on, and `account` once AWS has said who is calling; both help to tell
    a Region that is off from credentials that are refused.
    """

    def __init__(self, session: Any, *, attempts: int, home: str) -> None:
        self.home = home
        self.errors: list[Body] = []
        self.enabled: frozenset[str] | None = None
        self.account: str | None = None
        self.partition = "aws"
        self._session = session
        self._attempts = attempts
        self._clients: dict[tuple[str, str], Any] = {}
        self._patience = api.Patience()
        self._lock = threading.Lock()

    def ask(self, question: Question, **parameters: Any) -> Answer:
        """Make one call; its answer is plain data without `ResponseMetadata`."""
        try:
            answer = self._method(question)(**parameters)
        except _failures() as error:
            return Answer(self._failed(question, error), {})
        return Answer("ok", json_values(answer))

    def rows(self, question: Question, key: str, **parameters: Any) -> Rows:
        """Read every page of a listing whose rows stand under `key`."""
        found: list[Body] = []
        try:
            for page in self._pages(question, parameters):
                found.extend(json_values(page.get(key) or []))
        except _failures() as error:
            return Rows(self._failed(question, error), found)
        return Rows("ok", found)

    def refuse(self, question: Question, code: str, message: str) -> str:
        """Note a call that is not made because only another account may make it."""
        self._note(question, code, "denied", message)
        return "denied"

    def note(self, question: Question, code: str, state: str, message: str) -> str:
        """Note an answer that AWS gave without an error but that is of no use."""
        self._note(question, code, state, message)
        return state

    def listed(self, service: str) -> list[str]:
        """Return the Regions in which botocore knows of an endpoint of the service."""
        names = self._session.get_available_regions(
            service, partition_name=self.partition
        )
        return sorted(names)

    def _client(self, service: str, region: str) -> Any:
        # Making a client is not thread-safe; using one is.
        with self._lock:
            client = self._clients.get((service, region))
            if client is None:
                client = api.make(
                    self._session,
                    service,
                    region,
                    attempts=self._attempts,
                    mode="adaptive",
                    connections=WORKERS,
                    patience=self._patience,
                )
                self._clients[service, region] = client
            return client

    def _method(self, question: Question) -> Callable[..., Body]:
        client = self._client(question.service, question.region)
        method: Callable[..., Body] | None = getattr(client, question.operation, None)
        if method is None:
            raise _NoSuchCallError(f"this botocore does not know {question.operation}")
        return method

    def _pages(self, question: Question, parameters: Body) -> Iterator[Body]:
        client = self._client(question.service, question.region)
        method = self._method(question)
        if client.can_paginate(question.operation):
            yield from client.get_paginator(question.operation).paginate(**parameters)
            return
        # botocore has no paginator for ListEventDataStores, only its NextToken.
        seen: set[str] = set()
        token = None
        while True:
            page = method(**parameters, **({"NextToken": token} if token else {}))
            yield page
            token = page.get("NextToken") or None
            if token is None:
                return
            if token in seen:
                raise BrokenAnswer(f"{question.operation} repeats a page token")
            seen.add(token)

    def _failed(self, question: Question, error: Exception) -> str:
        found = code(error)
        state = self._state(question, error, found)
        if state != "absent":
            self._note(question, found, state, message(error))
        return state

    def _state(self, question: Question, error: Exception, code: str) -> str:
        if code in question.absent:
            return "absent"
        if isinstance(error, _NoSuchCallError):
            return "unsupported"
        if code in error_codes.REFUSED_TOKEN:
            return "unsupported" if self._may_be_off(question.region) else "denied"
        if code in error_codes.UNREACHED:
            here = question.region in self.listed(question.service)
            off = self._is_off(question.region)
            return "error" if here and not off else "unsupported"
        return error_codes.STATES.get(code, "error")

    def _is_off(self, region: str) -> bool:
        return self.enabled is not None and region not in self.enabled

    def _may_be_off(self, region: str) -> bool:
        """Describe whether a refused token may mean the Region, not the credentials."""
        if self.enabled is None:
            return self.account is not None
        return self._is_off(region)

    def _note(self, question: Question, code: str, state: str, message: str) -> None:
        row = {
            "service": question.service,
            "operation": question.operation,
            "region": question.region,
            "resource": question.resource,
            "section": question.section,
            "code": code,
            "state": state,
            "message": message[:MESSAGE_LENGTH],
        }
        with self._lock:
            self.errors.append(row)


def place(body: Body, part: str, state: str, value: Any) -> None:
    """Put a part into a body with its state; an ok answer without a value is absent."""
    body[part] = value
    settled = "absent" if state == "ok" and value is None else state
    body.setdefault("_state", {})[part] = settled


def mark_missing(
    body: Body, question: Question, state: str, inside: str | None
) -> None:
    """Return a failed call's state to every member of its answer that the body lacks.

    The members of such an answer lie flat in the body, where a missing one would look
    as if AWS had left it out.  `inside` names the member of the answer that holds them.
    """
    states = body.setdefault("_state", {})
    for member in _members(question.service, question.operation, inside):
        if member not in body:
            states[member] = state


def overall(states: Iterable[str]) -> str:
    """Fold the states of a listing's calls into the section's.

    A Region that is off or lacks the service holds nothing to list, so `unsupported`
    counts only when there is nothing else.
    """
    seen = set(states)
    for state in ("denied", "throttled", "error", "gone"):
        if state in seen:
            return state
    return "unsupported" if seen == {"unsupported"} else "ok"


def at_once(
    work: Callable[[T], R], things: Sequence[T], stage: str, progress: Progress | None
) -> list[R]:
    """Do the same for each thing, several at once; results in the things' order."""
    done: list[R] = []
    if progress:
        progress(stage, 0, len(things))
    with ThreadPoolExecutor(max_workers=WORKERS) as pool:
        for result in pool.map(work, things):
            done.append(result)
            if progress:
                progress(stage, len(done), len(things))
    return done


class _NoSuchCallError(Exception):
    """The installed botocore is older than the call."""


@functools.cache
def _failures() -> tuple[type[Exception], ...]:
    return (*failures(), _NoSuchCallError)


@functools.cache
def _members(service: str, operation: str, inside: str | None) -> tuple[str, ...]:
    import botocore.session
    from botocore import xform_name

    model = botocore.session.get_session().get_service_model(service)
    for name in model.operation_names:
        if xform_name(name) == operation:
            shape: Any = model.operation_model(name).output_shape
            holder = shape.members[inside] if inside else shape
            # A listing's rows: the members of each row.
            return tuple(getattr(holder, "member", holder).members)
    return ()
