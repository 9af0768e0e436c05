"""This module works on inputs one after another, here or in several processes."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from typing import Any, TypeVar

from checker.errors import UsageError
from checker.model import Unreadable
from checker.sources import files

Result = TypeVar("Result")

_AHEAD = 8
"""How many inputs for each process are handed out before their results are wanted."""

_MUCH = 32 << 20
"""From how many bytes on disk more than one process is worth its start."""


def processes(inputs: Sequence[files.Input | Unreadable]) -> int:
    """Choose a number of processes: starting one must be worth it."""
    size = sum(each.size for each in inputs if isinstance(each, files.Input))
    return (os.cpu_count() or 1) if size > _MUCH else 1


def spread(
    inputs: Iterable[files.Input | Unreadable],
    jobs: int,
    build: Callable[..., Callable[[files.Input | Unreadable], Result]],
    *arguments: object,
) -> Iterator[Result]:
    """Give the result for each input in their order, worked out in `jobs` processes.

    `build(*arguments)` makes the function that works on one input, once in each process
    (closures cannot cross a process border).
    """
    if jobs <= 1:
        yield from map(build(*arguments), inputs)
        return
    with ProcessPoolExecutor(
        jobs, initializer=_prepare, initargs=(build, arguments)
    ) as pool:
        waiting: deque[Future[Result]] = deque()
        for each in inputs:
            if isinstance(each, files.Input) and each.path is None:
                # Standard input belongs to this process.
                yield from (future.result() for future in waiting)
                waiting.clear()
                yield build(*arguments)(each)
                continue
            waiting.append(pool.submit(_work_here, each))
            if len(waiting) >= jobs * _AHEAD:
                yield waiting.popleft().result()
        yield from (future.result() for future in waiting)


_work: Callable[[files.Input | Unreadable], Any] | None = None


def _prepare(build: Callable[..., Any], arguments: tuple[object, ...]) -> None:
    global _work  # noqa: PLW0603 - a worker process serves one run
    _work = build(*arguments)


def _work_here(each: files.Input | Unreadable) -> Any:
    if _work is None:
        raise UsageError("the worker process was not prepared")
    return _work(each)
