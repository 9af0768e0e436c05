"""Write groups of findings as a table of one or two lines each.

The columns are those that the width has room for.  What is longer than its column
stands whole in a line below, so that the others stay in theirs and no name is broken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeAlias

import msgspec

from checker.model import Level
from checker.reports import group_cells, layout
from checker.reports.group_cells import distinct, label, level_word
from checker.reports.groups import By, Group, Groups
from checker.reports.segments import Line, Segment

_LEVEL: Final = 10
_GAP: Final = "  "
_HANGING: Final = 2
"""Columns by which a second line of a group hangs below its name."""

_LONGEST_NAME: Final = 44
_LONGEST_TIME: Final = 36
_LONGEST_PLACE: Final = 24
_LEAST: Final = 10
"""Columns of the longest cells that keep their column, and of the least one."""

_MEASURED: Final = 100
"""By so many rows it is decided which columns stand side by side."""

_Cell: TypeAlias = Callable[[Group], str]


class _Column(msgspec.Struct, frozen=True):
    """A column with its title, and the most columns of a terminal that it takes.

    The one that `shrinks` has the longest texts, and gives way to the others.
    """

    title: str
    cell: _Cell
    most: int
    shrinks: bool = False


def rows(groups: Groups, width: int, most: int | None) -> Iterator[Line]:
    """Yield the groups, the worst first, and how many there are besides."""
    ranked = groups.ranked()
    shown = ranked if most is None else ranked[:most]
    if not shown:
        return
    yield from _table(shown, groups.by, width)
    rest = ranked[len(shown) :]
    more = sum(group.count for group in rest) + groups.others
    if more:
        left = group_cells.plural(len(rest), groups.by) if rest else "others"
        told = f"and {left} with {more:,} findings{_levels(rest)}: --full lists them"
        yield from layout.paragraph(
            told,
            first=(Segment(" " * _LEVEL),),
            indent=_LEVEL,
            width=width,
            style="faint",
        )
    yield ()


def _levels(groups: Sequence[Group]) -> str:
    """Return how bad the groups are: ` (3 high, 20 low)`."""
    told = [
        f"{number:,} {level.value}"
        for level in reversed(Level)
        if (number := sum(group.worst is level for group in groups))
    ]
    return f" ({', '.join(told)})" if told else ""


def _table(groups: Sequence[Group], by: By, width: int) -> Iterator[Line]:
    counts = [f"{group.count:,}" for group in groups]
    size = max(5, *map(len, counts))
    indent = _LEVEL + size + len(_GAP)
    names = distinct([(label(group, by), group.label) for group in groups])
    form = _best(list(_forms(groups, names, by, width - indent)))
    yield from _heading(form, size, width)
    for group, number, row in zip(groups, counts, form.rows, strict=True):
        first = (
            Segment(f"{level_word(group.worst):<{_LEVEL - 2}}  ", group.worst.value),
            Segment(f"{number:>{size}}{_GAP}"),
        )
        yield from _row(form.placed(row), first, indent, width)


class _Placed(msgspec.Struct, frozen=True):
    """The cells of a row: those in columns, with where they begin, and those below."""

    name: str
    cells: Sequence[tuple[int, str]]
    below: Sequence[str]

    @property
    def is_split(self) -> bool:
        """Return whether the name leaves no room for the cells beside it."""
        end = layout.columns(self.name) + len(_GAP)
        return bool(self.cells) and end > self.cells[0][0]

    @property
    def lines(self) -> int:
        """Return about how many lines the row takes."""
        return 1 + self.is_split + bool(self.below)


class _Form(msgspec.Struct, frozen=True):
    """One way to write the table: `kept` columns side by side, of these `sizes`.

    The first column has the names, which may run on where nothing stands beside them.
    """

    titles: Sequence[str]
    rows: Sequence[Sequence[str]]
    kept: Sequence[int]
    sizes: Sequence[int]

    @property
    def lines(self) -> int:
        """Return about how many lines the table takes."""
        return sum(self.placed(row).lines for row in self.rows[:_MEASURED])

    def placed(self, row: Sequence[str]) -> _Placed:
        """Return where the cells of a row go."""
        below = [text for n, text in enumerate(row) if n not in self.kept and text]
        cells: list[tuple[int, str]] = []
        start = 0
        for n, size in zip(self.kept, self.sizes, strict=True):
            if n and row[n]:
                fits = layout.columns(row[n]) <= size
                if fits:
                    cells.append((start, row[n]))
                else:
                    below.append(row[n])
            start += size + len(_GAP)
        return _Placed(row[0], cells, below)


def _best(forms: Sequence[_Form]) -> _Form:
    """Return the form of the fewest lines; of several the first."""
    return min(forms, key=lambda form: form.lines)


def _forms(
    groups: Sequence[Group], names: Sequence[str], by: By, room: int
) -> Iterator[_Form]:
    """Yield the ways to write a table in so many columns, the fullest first."""
    for wide in (True, False):
        columns = _columns(groups, by, wide=wide)
        titles = [column.title for column in columns]
        rows = [
            [name, *(column.cell(group) for column in columns[1:])]
            for group, name in zip(groups, names, strict=True)
        ]
        natural = [
            layout.widest([column.title, *(row[place] for row in rows)], column.most)
            for place, column in enumerate(columns)
        ]
        every = list(range(len(columns)))
        about = next((n for n in every if columns[n].shrinks), 0)
        for kept in (every, [n for n in every if not n or n != about], every[:2]):
            lengths = sorted({*map(layout.columns, names)}, reverse=True)
            for size in lengths if about in kept else [natural[0]]:
                sizes = [min(size, natural[0]), *(natural[n] for n in kept[1:])]
                spare = room - sum(sizes) - len(_GAP) * (len(kept) - 1)
                # Without the column that shrinks, the names do.
                shrinking = kept.index(about) if about in kept else 0
                most = sizes[shrinking]
                sizes[shrinking] += min(spare, 0)
                if sizes[shrinking] >= min(_LEAST, most):
                    yield _Form(titles, rows, kept, sizes)
        yield _Form(titles, rows, every[:1], [min(natural[0], room)])


def _columns(groups: Sequence[Group], by: By, *, wide: bool) -> list[_Column]:
    """Return the columns that have texts: names, times, who or what rule, places."""
    owners = {name for group in groups for name in group.accounts}

    def when(group: Group) -> str:
        return group_cells.when(group.first, group.last, wide=wide)

    def where(group: Group) -> str:
        return group_cells.where(group, accounts=wide and len(owners) > 1)

    columns = [
        _Column(
            group_cells.NOUNS[by],
            lambda group: label(group, by),
            _LONGEST_NAME,
        )
    ]
    if by is not By.TIME:
        columns.append(_Column("first to last", when, _LONGEST_TIME))
    about = (
        ("who or what", group_cells.who)
        if by is By.RULE
        else ("rules", group_cells.rules)
    )
    columns.append(_Column(*about, _LONGEST_NAME, shrinks=True))
    columns.append(_Column("where", where, _LONGEST_PLACE))
    # Settings have no times, and an account no place.
    return [
        column
        for column in columns
        if column is columns[0] or any(column.cell(group) for group in groups)
    ]


def _heading(form: _Form, size: int, width: int) -> Iterator[Line]:
    below = [title for n, title in enumerate(form.titles) if n not in form.kept]
    titles = [form.titles[n] for n in form.kept]
    named = ", ".join([titles[0], *below])
    if below and layout.columns(named) <= form.sizes[0]:
        titles[0] = named
    texts = _GAP.join(map(layout.padded, titles, form.sizes)).rstrip()
    heading = f"{'level':<{_LEVEL}}{'count':>{size}}{_GAP}{texts}"
    yield (Segment(heading if len(heading) <= width else "level", "faint"),)


def _row(row: _Placed, first: Line, indent: int, width: int) -> Iterator[Line]:
    """Yield a group: its cells in their columns, those that are too long below."""
    name = Segment(row.name, "title")
    if row.is_split:
        yield (*first, name)
        yield (Segment(" " * indent), Segment(_beside(row.cells, 0)))
    else:
        rest = _beside(row.cells, layout.columns(row.name))
        yield (*first, name, Segment(rest))
    room = width - indent
    hanging = indent + _HANGING if room > _LEAST else _HANGING
    # What needs a line of its own comes last, so that the others share theirs.
    below = sorted(row.below, key=lambda text: hanging + layout.columns(text) > width)
    items = [(Segment(text),) for text in below]
    yield from layout.flow(items, indent=hanging, gap=_GAP, width=width)


def _beside(cells: Sequence[tuple[int, str]], used: int) -> str:
    """Return the cells, each at its column of a line of which some are `used`."""
    line = ""
    for start, text in cells:
        line += " " * (start - used - layout.columns(line)) + text
    return line
