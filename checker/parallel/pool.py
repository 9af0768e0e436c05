"""Keep processes that work for another, and outlives their deaths.

Each has a pipe of its own, so that it is known what a process was at when it died.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from types import TracebackType
from typing import Any, Generic, Self, TypeAlias, TypeVar

from checker.parallel.gc_pause import gc_paused
from checker.parallel.signals import defer_sigint

Job = TypeVar("Job")

_AHEAD = 2
"""How many jobs a process has at once: it never waits for the next."""

_NO_MEMORY = 77
"""The exit code of a process that could get no more memory."""


@dataclass(frozen=True, slots=True)
class WorkerCrash:
    """What comes back of a job whose process died, `at_work` on it or before it."""

    reason: str
    at_work: bool


@dataclass(frozen=True, slots=True)
class Pieces:
    """Some of what a job gave, each with the number of its item."""

    pieces: list[tuple[int, Any]]
    is_last: bool


Answer: TypeAlias = Pieces | WorkerCrash


@dataclass(slots=True, eq=False)
class _Worker(Generic[Job]):
    process: Any
    pipe: Connection
    jobs: deque[Job] = field(default_factory=deque)


class Pool(Generic[Job]):
    """Processes that run the function that `build(*arguments)` makes in each.

    Use it as a context manager: at its end, and on any exception, they are stopped.
    """

    def __init__(
        self, size: int, build: Callable[..., Any], arguments: tuple[object, ...]
    ) -> None:
        """Start nothing yet."""
        self._size = size
        self._build = build
        self._arguments = arguments
        self._workers: list[_Worker[Job]] = []
        self._here: Callable[[Any], Iterable[Any]] | None = None

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop every process."""
        for worker in self._workers:
            worker.pipe.close()
            if kind is not None or worker.jobs:
                worker.process.terminate()
        for worker in self._workers:
            worker.process.join()
            worker.process.close()

    def room(self, *, heavy: bool) -> bool:
        """Return whether a process could take another job.

        A heavy one fills the pipe, and therefore goes only to a process that waits: the
        other could be filling it from its end.
        """
        if len(self._workers) < self._size:
            return True
        most = 1 if heavy else _AHEAD
        return any(len(worker.jobs) < most for worker in self._workers)

    def give(self, job: Job, items: Sequence[Any]) -> None:
        """Hand a job, the work on some items, to the process that has least to do."""
        if len(self._workers) < self._size and all(w.jobs for w in self._workers):
            self._workers.append(self._start())
        worker = min(self._workers, key=lambda one: len(one.jobs))
        worker.jobs.append(job)
        try:
            worker.pipe.send(items)
        except OSError:
            # It is dead, which `wait` will tell.
            return

    def wait(self, awaited: Job | None = None) -> Iterator[tuple[Job, Answer]]:
        """Wait until something happens: results, or what became of a dead process.

        Results are pairs of an item's number and a piece of what it gave, and whether
        they are the job's last.  With `awaited` only the process that has that job is
        listened to; the others wait.  An exception of the function is raised here.
        """
        busy = {
            worker.pipe: worker
            for worker in self._workers
            if (worker.jobs if awaited is None else awaited in worker.jobs)
        }
        for pipe in wait(list(busy)):
            worker = busy[pipe]  # type: ignore[index] # only pipes were given
            try:
                answer = worker.pipe.recv()
            except (EOFError, OSError):
                yield from self._bury(worker)
                continue
            if isinstance(answer, BaseException):
                raise answer
            pieces, is_last = answer
            job = worker.jobs.popleft() if is_last else worker.jobs[0]
            yield job, Pieces(pieces, is_last=is_last)

    def work_here(self, item: Any) -> Iterable[Any]:
        """Work on an item in this process."""
        if self._here is None:
            self._here = self._build(*self._arguments)
        return self._here(item)

    def _bury(self, worker: _Worker[Job]) -> Iterator[tuple[Job, WorkerCrash]]:
        self._workers.remove(worker)
        worker.pipe.close()
        worker.process.join()
        reason = _reason(worker.process.exitcode)
        worker.process.close()
        for number, job in enumerate(worker.jobs):
            yield job, WorkerCrash(reason, at_work=number == 0)

    def _start(self) -> _Worker[Job]:
        # A fork is quick and shares the rules, but copies no thread.
        forks = "fork" in multiprocessing.get_all_start_methods()
        forks = forks and threading.active_count() == 1
        context: Any = multiprocessing.get_context("fork" if forks else "spawn")
        ours, theirs = context.Pipe()
        # What a fork inherits would keep the other processes' pipes open.
        inherited = [one.pipe for one in self._workers] + [ours] if forks else []
        build, arguments = self._build, self._arguments
        if forks:
            # What is built once is there in every process that is forked.
            here = self._here = self._here or build(*arguments)
            build, arguments = (lambda: here), ()
        process = context.Process(
            target=_serve,
            args=(theirs, inherited, build, arguments),
            daemon=True,
        )
        with defer_sigint():
            process.start()
        theirs.close()
        return _Worker(process, ours)


def _serve(
    pipe: Connection,
    inherited: Sequence[Connection],
    build: Callable[..., Callable[[Any], Iterable[Any]]],
    arguments: tuple[object, ...],
) -> None:
    """Work on what comes through the pipe until it is closed."""
    # Ctrl-C reaches every process of a terminal: the first one ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    for each in inherited:
        each.close()
    try:
        work = build(*arguments)
        # The rules stay as long as the process: the collector need not walk them.
        gc.freeze()
        with gc_paused() as step:
            while True:
                _work(pipe, work, pipe.recv())
                step()
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
    except MemoryError:
        os._exit(_NO_MEMORY)
    except Exception as error:  # noqa: BLE001 - it is raised again where it is awaited
        pipe.send(error)


def _work(
    pipe: Connection, work: Callable[[Any], Iterable[Any]], items: Sequence[Any]
) -> None:
    """Send what each item gives, with the item's number, and whether that is all.

    Of an item that gives much, each piece is sent as soon as there is another: what
    waits here is bounded, and the pipe takes no more than its reader wants.
    """
    held: list[tuple[int, Any]] = []
    for number, item in enumerate(items):
        first = True
        for piece in work(item):
            if not first:
                pipe.send((held, False))
                held = []
            held.append((number, piece))
            first = False
    pipe.send((held, True))


def _reason(code: int | None) -> str:
    if code == _NO_MEMORY:
        return "out of memory"
    if code is not None and code < 0:
        try:
            return f"killed by {signal.Signals(-code).name}"
        except ValueError:
            return f"killed by signal {-code}"
    return f"exit code {code}"
