"""Work on inputs one after another, here or in several processes.

The work is handed out largest first within a window of the inputs to come, but for what
is awaited; small files go several at a time, and results come in the inputs' order.
"""

from __future__ import annotations

import itertools
import os
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from checker.model import Unreadable
from checker.sources.events import files

if TYPE_CHECKING:
    from checker.parallel.pool import Pieces, Pool, WorkerCrash

Result = TypeVar("Result")
Item = files.Input | Unreadable

_WINDOW = 12
"""How many tasks for each process may be under way or wait for those before them."""

_TASK = 1 << 20
"""How many bytes on disk make a task: smaller files are put together."""

_FILES = 64
_NAMES = 16 << 10
"""The most files of one task, and the most bytes of their names and paths: a pipe must
take the next task whole while its reader works on another."""

_PARTS = 16
"""How many parts of inputs that are not finished may wait for those before them."""

_HELD = 64 << 20
"""How many bytes of inputs that are no files here may wait, or be under way."""

_MUCH = 32 << 20
"""From how many bytes on disk more than one process is worth its start."""


def processes(inputs: Iterable[Item]) -> tuple[int, Iterator[Item]]:
    """Choose a number of processes, and give the inputs again.

    Starting a process must be worth it; only as many inputs are looked at as it takes.
    """
    rest = iter(inputs)
    size = 0
    looked: list[Item] = []
    for each in rest:
        looked.append(each)
        size += _size(each)
        if size > _MUCH:
            return os.cpu_count() or 1, itertools.chain(looked, rest)
    return 1, iter(looked)


def map_ordered(
    inputs: Iterable[Item],
    jobs: int,
    build: Callable[..., Callable[[Item], Iterable[Result]]],
    *arguments: object,
    remark: Callable[[str], None] | None = None,
) -> Generator[Result]:
    """Yield the results of each input in their order, worked out in `jobs` processes.

    `build(*arguments)` makes the function that works on one input, once in each process
    (closures cannot cross a process border).  It may give many results: they are passed
    on while it works, and must be the same whenever the input is read again.  When a
    process dies, the input that it was at is tried once more, by another; then it is
    handed to the function as `Unreadable`.  `remark` is told of each death.
    """
    if jobs <= 1:
        yield from itertools.chain.from_iterable(map(build(*arguments), inputs))
        return
    # One process needs none of what it takes to talk to others.
    from checker.parallel.pool import Pool

    started: Pool[_Task] = Pool(jobs, build, arguments)
    with started as pool:
        yield from _Spread(pool, remark or (lambda _: None)).results(inputs, jobs)


@dataclass(slots=True, eq=False)
class _Task:
    """Inputs that one process works on, one after another.

    `pieces` are results that wait, each with the number of its input; `passed_on`
    counts those of each input that were passed on, which after the death of a process
    must not come again.
    """

    inputs: list[Item]
    here: bool = False
    tried: bool = False
    given: bool = False
    done: bool = False
    pieces: deque[tuple[int, Any]] = field(default_factory=deque)
    passed_on: Counter[int] = field(default_factory=Counter)
    skip: int = 0
    size: int = field(init=False)
    held: int = field(init=False)

    def __post_init__(self) -> None:
        self.held = sum(map(_held, self.inputs))
        self.size = sum(map(_size, self.inputs))

    def take(self) -> Iterator[Any]:
        """Return what waits, but for what was passed on before a process died."""
        while self.pieces:
            number, piece = self.pieces.popleft()
            self.passed_on[number] += 1
            if self.passed_on[number] > self.skip:
                yield piece


class _Spread:
    """The tasks between the first whose results are awaited and the last one read."""

    def __init__(self, pool: Pool[_Task], remark: Callable[[str], None]) -> None:
        self._pool = pool
        self._remark = remark
        self._window: deque[_Task] = deque()
        self._held = 0

    def results(self, inputs: Iterable[Item], jobs: int) -> Iterator[Any]:
        tasks = _tasks(inputs)
        more = True
        while True:
            while more and len(self._window) < jobs * _WINDOW and self._held < _HELD:
                task = next(tasks, None)
                more = task is not None
                if task is not None:
                    self._window.append(task)
                    self._held += task.held
            self._hand_out()
            if not self._window:
                return
            head = self._window[0]
            if head.here:
                # What cannot be read twice, as standard input, is read here.
                for each in head.inputs:
                    yield from self._pool.work_here(each)
                head.done = True
            yield from head.take()
            if head.done:
                self._window.popleft()
                self._held -= head.held
                continue
            # Parts of later inputs may wait, but not in any number.
            waiting = sum(len(task.pieces) for task in self._window if not task.done)
            if waiting > _PARTS and not head.given:
                head.here = True
                continue
            for task, answer in self._pool.wait(head if waiting > _PARTS else None):
                self._take(task, answer)

    def _hand_out(self) -> None:
        """Return each process with room a task: the awaited, else the largest."""
        while waiting := [
            one
            for one in self._window
            if not (one.given or one.here) and self._pool.room(heavy=one.held > 0)
        ]:
            awaited = waiting[0] is self._window[0]
            chosen = waiting[0] if awaited else max(waiting, key=lambda one: one.size)
            chosen.given = True
            self._pool.give(chosen, chosen.inputs)

    def _take(self, task: _Task, answer: Pieces | WorkerCrash) -> None:
        from checker.parallel.pool import Pieces

        if isinstance(answer, Pieces):
            task.pieces.extend(answer.pieces)
            task.done = answer.is_last
            if task.done:
                task.inputs = []
            return
        if not answer.at_work:
            task.given = False
            return
        if task.tried:
            (bad,) = task.inputs
            reason = f"the process that reads it died twice ({answer.reason})"
            self._replace(task, [Unreadable(bad.uri, None, reason)], tried=False)
            return
        names = task.inputs[0].uri
        if len(task.inputs) > 1:
            names += f" or one of the {len(task.inputs) - 1} inputs after it"
        self._remark(
            f"a process died ({answer.reason}) while it read {names}, which was then "
            "read again."
        )
        self._replace(task, task.inputs, tried=True)

    def _replace(self, task: _Task, inputs: list[Item], *, tried: bool) -> None:
        """Put the inputs of a task into the window one by one, in its place."""
        place = self._window.index(task)
        self._window.remove(task)
        self._held -= task.held
        for number, each in enumerate(inputs):
            skip = task.passed_on[number] if tried else 0
            single = _Task([each], tried=tried, skip=skip)
            self._held += single.held
            self._window.insert(place + number, single)


def _tasks(inputs: Iterable[Item]) -> Iterator[_Task]:
    """Put small inputs that follow one another together."""
    held: list[Item] = []
    size = names = 0
    for each in inputs:
        here = isinstance(each, files.Input) and each.stays
        more, length = _size(each), _name_length(each)
        full = size + more > _TASK or names + length > _NAMES or len(held) == _FILES
        if held and (here or full):
            yield _Task(held)
            held, size, names = [], 0, 0
        if here:
            yield _Task([each], here=True)
        else:
            held.append(each)
            size += more
            names += length
    if held:
        yield _Task(held)


def _name_length(each: Item) -> int:
    texts = [each.uri]
    texts.append(each.reason if isinstance(each, Unreadable) else each.path or "")
    return sum(len(text.encode("utf-8", "surrogatepass")) for text in texts)


def _size(each: Item) -> int:
    return each.size if isinstance(each, files.Input) else 0


def _held(each: Item) -> int:
    return len(each.data or b"") if isinstance(each, files.Input) else 0
