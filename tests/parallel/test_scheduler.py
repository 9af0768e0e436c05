"""Work in several processes: order, deaths, interrupts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from checker.model import Unreadable
from checker.parallel import scheduler as module
from checker.parallel.scheduler import Item, map_ordered, processes
from checker.sources.events.files import Input

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes")


def inputs(*sizes: int) -> list[Item]:
    return [Input(f"{n}", f"{n}", size) for n, size in enumerate(sizes)]


def echo() -> Callable[[Item], list[tuple[str, str | None]]]:
    return lambda each: [
        (each.uri, each.reason if isinstance(each, Unreadable) else None)
    ]


def late(folder: str) -> Callable[[Item], list[str]]:
    """The first inputs take longest: the others must wait for them."""

    def work(each: Item) -> list[str]:
        time.sleep(0.05 if int(each.uri) < 2 else 0)
        (Path(folder) / each.uri).write_text(str(os.getpid()))
        return [each.uri]

    return work


def dying(folder: str, bad: str, times: int) -> Callable[[Item], list[tuple[str, str]]]:
    """A process that reads the bad input dies, the first `times` times."""

    def work(each: Item) -> list[tuple[str, str]]:
        if isinstance(each, Unreadable):
            return [(each.uri, each.reason)]
        marks = list(Path(folder).iterdir())
        if each.uri == bad and len(marks) < times:
            (Path(folder) / str(len(marks))).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return [(each.uri, "read")]

    return work


def failing() -> Callable[[Item], list[None]]:
    def work(each: Item) -> list[None]:
        raise ZeroDivisionError(each.uri)

    return work


@pytest.mark.parametrize("size", [10, 600_000, 3_000_000])
@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_results_come_in_the_order_of_the_inputs(size: int, jobs: int) -> None:
    found = list(map_ordered(inputs(*[size] * 200), jobs, echo))

    assert found == [(str(n), None) for n in range(200)]


def test_both_processes_work_and_the_slow_first_one_keeps_its_place(
    tmp_path: Path,
) -> None:
    found = list(map_ordered(inputs(*[2 << 20] * 12), 2, late, str(tmp_path)))

    assert found == [str(n) for n in range(12)]
    assert len({mark.read_text() for mark in tmp_path.iterdir()}) == 2


def test_inputs_that_only_this_process_can_read_keep_their_place() -> None:
    some = [*inputs(5, 5), Input("-", None, 0), *inputs(5)]

    assert [uri for uri, _ in map_ordered(some, 2, echo)] == ["0", "1", "-", "0"]


def test_bytes_larger_than_a_pipe_go_through() -> None:
    some: list[Item] = [
        Input(str(n), None, 3 << 20, data=bytes(3 << 20)) for n in range(9)
    ]

    found = list(map_ordered(some, 2, large))

    assert [len(each) for each in found] == [3 << 20] * 9


def large() -> Callable[[Item], list[bytes]]:
    return lambda each: [each.data or b"" if isinstance(each, Input) else b""]


def test_a_file_whose_reader_dies_once_is_read_again(tmp_path: Path) -> None:
    told: list[str] = []
    found = list(
        map_ordered(
            inputs(*[5] * 40), 2, dying, str(tmp_path), "7", 1, remark=told.append
        )
    )

    assert found == [(str(n), "read") for n in range(40)]
    (remark,) = told
    assert "SIGKILL" in remark


@pytest.mark.parametrize("size", [5, 2 << 20])
def test_a_file_whose_readers_die_is_a_problem_and_the_others_are_read(
    tmp_path: Path, size: int
) -> None:
    found = list(map_ordered(inputs(*[size] * 40), 2, dying, str(tmp_path), "7", 9))

    assert [uri for uri, _ in found] == [str(n) for n in range(40)]
    bad = [(uri, said) for uri, said in found if said != "read"]
    assert bad == [("7", "the process that reads it died twice (killed by SIGKILL)")]
    assert len(list(tmp_path.iterdir())) == 2


def many(folder: str, dies: int) -> Callable[[Item], Iterator[tuple[str, int]]]:
    """Each input gives pieces; the reader of the first dies after some of them."""

    def work(each: Item) -> Iterator[tuple[str, int]]:
        if isinstance(each, Unreadable):
            yield each.uri, -1
            return
        for number in range(200):
            if each.uri == "0" and number == 150:
                marks = list(Path(folder).iterdir())
                if len(marks) < dies:
                    (Path(folder) / str(len(marks))).touch()
                    time.sleep(0.3)  # what was sent is passed on by then
                    os.kill(os.getpid(), signal.SIGKILL)
            yield each.uri, number

    return work


@pytest.mark.parametrize("size", [5, 2 << 20])
@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_pieces_come_in_order_and_each_once(
    tmp_path: Path, jobs: int, size: int
) -> None:
    some = inputs(*[size] * 20)

    found = list(map_ordered(some, jobs, many, str(tmp_path), int(jobs > 1)))

    assert found == [(str(n), piece) for n in range(20) for piece in range(200)]


def test_pieces_of_an_input_whose_readers_die_end_with_the_problem(
    tmp_path: Path,
) -> None:
    found = list(map_ordered(inputs(5, 5), 2, many, str(tmp_path), 2))

    first = [piece for uri, piece in found if uri == "0"]
    assert first == [*range(len(first) - 1), -1]
    assert [piece for uri, piece in found if uri == "1"] == list(range(200))


def test_what_waits_for_an_earlier_input_is_bounded(tmp_path: Path) -> None:
    peak = 0
    for _ in map_ordered(inputs(*[2 << 20] * 6), 3, slow_first, str(tmp_path)):
        peak = max(peak, sum(int(each.read_text() or 0) for each in tmp_path.iterdir()))
        break

    # A pipe holds some hundred kilobytes, and each piece has ten.
    assert peak < 400


def slow_first(folder: str) -> Callable[[Item], Iterator[bytes]]:
    def work(each: Item) -> Iterator[bytes]:
        if each.uri == "0":
            time.sleep(1)
        for number in range(1_000):
            (Path(folder) / each.uri).write_text(str(number))
            yield bytes(10_000)

    return work


def test_an_exception_of_the_work_is_raised_here() -> None:
    with pytest.raises(ZeroDivisionError):
        list(map_ordered(inputs(1, 1), 2, failing))


def test_an_early_end_leaves_no_process_behind(tmp_path: Path) -> None:
    found = map_ordered(inputs(*[2 << 20] * 50), 2, late, str(tmp_path))
    assert next(found) == "0"
    found.close()

    for mark in tmp_path.iterdir():
        # A process that was stopped while it wrote leaves an empty one.
        if number := mark.read_text():
            with pytest.raises(ProcessLookupError):
                os.kill(int(number), 0)


def test_only_much_input_is_worth_processes() -> None:
    few, same = processes(inputs(10, 20))
    assert (few, len(list(same))) == (1, 2)

    looked = 0

    def counted() -> Iterator[Item]:
        nonlocal looked
        for each in inputs(*[20 << 20] * 9):
            looked += 1
            yield each

    many, same = processes(counted())
    assert many == (os.cpu_count() or 1)
    assert looked == 2
    assert len(list(same)) == 9


def test_small_files_go_together_and_names_fit_into_a_pipe() -> None:
    small = list(module._tasks(inputs(*[1000] * 130)))
    long = [Input("x" * 4000, "x" * 4000, 1) for _ in range(20)]
    deep = [Input("x", "\u3042" * 1300, 1) for _ in range(60)]

    assert [len(task.inputs) for task in small] == [64, 64, 2]
    for some in (long, deep):
        assert max(len(task.inputs) for task in module._tasks(some)) <= 5


SCRIPT = """
import signal, sys, time, os
from checker.parallel.scheduler import map_ordered
from checker.sources.events.files import Input
# A shell lets what it starts in the background ignore it.
signal.signal(signal.SIGINT, signal.default_int_handler)
def build():
    def work(each):
        os.write(1, b"at work\\n")  # whole, or not at all: print writes twice
        time.sleep(0.2)
        return [each.uri]
    return work
try:
    for each in map_ordered((Input(str(n), "x", 2 << 20) for n in range(99)), 2, build):
        print("result", flush=True)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


def test_an_interrupt_of_all_processes_ends_them_without_a_word() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        while (line := process.stdout.readline()) and "result" not in line:
            pass
        assert line
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=20)

    assert out.splitlines()[-1] == "interrupted"
    assert err == ""
    assert process.returncode == 0
