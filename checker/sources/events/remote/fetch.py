"""Read remote inputs ahead of the work, in threads, and in their order.

What waits to be worked on is bounded in number and in bytes.
"""

from __future__ import annotations

import functools
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Final, TypeAlias

from checker.model import Unreadable
from checker.sources.events.compression import StreamError
from checker.sources.events.files import Input
from checker.sources.events.remote.clients import CONNECTIONS
from checker.sources.events.remote.query import Remote

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

AHEAD: Final = 4 * CONNECTIONS
"""How many inputs are asked for before the first of them is wanted."""

MOST_BYTES: Final = 64 << 20
"""How many bytes of them may be held; one larger input is read by itself."""

_BLOCK: Final = 1 << 20

Found: TypeAlias = Input | Remote | Unreadable
Ready: TypeAlias = Input | Unreadable
_Waiting: TypeAlias = "tuple[Found, Future[bytes | Unreadable] | None]"


@contextmanager
def fetching(
    found: Iterable[Found], tell: Callable[[int, str], None] | None = None
) -> Iterator[Iterator[Ready]]:
    """Return inputs ready to be read, in the order in which they were found.

    `tell` is told of each piece of a slow input, and while there is none yet.
    Threads and temporary files live until the end of the `with` block, also when it
    ends with an error.
    """
    with ExitStack() as stack:
        yield _ready(iter(found), stack, tell or (lambda _size, _label: None))


def _ready(
    found: Iterator[Found], stack: ExitStack, tell: Callable[[int, str], None]
) -> Iterator[Ready]:
    pool: ThreadPoolExecutor | None = None
    waiting: deque[_Waiting] = deque()
    held = 0
    more = True
    while True:
        while more and len(waiting) < AHEAD and held < MOST_BYTES:
            each = next(found, None)
            more = each is not None
            if each is None:
                break
            task = None
            if isinstance(each, Remote) and each.slow:
                each = _spooled(each, stack, tell)
            elif isinstance(each, Remote) and each.whole:
                pool = pool or _pool(stack)
                held += each.size
                task = pool.submit(each.whole)
            waiting.append((each, task))
        if not waiting:
            return
        each, task = waiting.popleft()
        if task is not None:
            held -= each.size if isinstance(each, Remote) else 0
        yield _input(each, task)


def _pool(stack: ExitStack) -> ThreadPoolExecutor:
    from concurrent.futures import ThreadPoolExecutor

    made = ThreadPoolExecutor(CONNECTIONS)
    stack.callback(made.shutdown, wait=True, cancel_futures=True)
    return made


def _input(each: Found, task: Future[bytes | Unreadable] | None) -> Ready:
    if not isinstance(each, Remote):
        return each
    if task is None:
        return Input(each.uri, None, each.size, blocks=each.blocks)
    data = task.result()
    if isinstance(data, Unreadable):
        return data
    return Input(each.uri, None, each.size, data=data)


def _spooled(each: Remote, stack: ExitStack, tell: Callable[[int, str], None]) -> Input:
    """Begin to read pages into a temporary file, in a thread of their own."""
    spool = _Spool(tempfile.TemporaryFile())  # noqa: SIM115 - the stack closes it
    stack.enter_context(spool.file)
    thread = threading.Thread(target=spool.fill, args=(each,), daemon=True)
    thread.start()
    stack.callback(spool.stop)
    blocks = functools.partial(spool.blocks, lambda size: tell(size, each.uri))
    return Input(each.uri, None, 0, blocks=blocks)


@dataclass
class _Spool:
    """Blocks that one thread writes and another reads, kept in a file between them."""

    file: IO[bytes]
    changed: threading.Condition = field(default_factory=threading.Condition)
    written: int = 0
    ended: bool = False
    stopped: bool = False
    damage: StreamError | None = None
    error: BaseException | None = None

    def fill(self, source: Remote) -> None:
        """Write every block, until the end or until nobody wants any more."""
        try:
            for block in source.blocks():
                with self.changed:
                    if self.stopped:
                        return
                    if isinstance(block, StreamError):
                        self.damage = block
                        return
                    self.file.seek(self.written)
                    self.file.write(block)
                    self.written += len(block)
                    self.changed.notify_all()
        except BaseException as error:  # noqa: BLE001 - raised again where it is read
            self.error = error
        finally:
            with self.changed:
                self.ended = True
                self.changed.notify_all()

    def blocks(self, tell: Callable[[int], None]) -> Iterator[bytes | StreamError]:
        """Read from the start, waiting for what is still to come."""
        done = 0
        while True:
            with self.changed:
                while done == self.written and not self.ended:
                    self.changed.wait(1.0)
                    tell(0)
                self.file.seek(done)
                block = self.file.read(min(self.written - done, _BLOCK))
            if not block:
                break
            done += len(block)
            tell(len(block))
            yield block
        if self.error is not None:
            raise self.error
        if self.damage is not None:
            yield self.damage

    def stop(self) -> None:
        """Ask the thread to end after the page that it waits for."""
        with self.changed:
            self.stopped = True
