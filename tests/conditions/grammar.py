"""Draw JMESPath texts and documents for the property tests.

Its texts are built by hand from the grammar and not printed by `show`, so that the two
can be held against each other.
"""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

ONE = [
    *("abs", "avg", "ceil", "floor", "keys", "length", "max", "merge", "min"),
    *("not_null", "reverse", "sort", "sum", "to_array", "to_number", "to_string"),
    *("type", "values"),
]
TWO = ["contains", "ends_with", "join", "not_null", "starts_with"]

NAMES = ("a", "b", "c", "d-e")

scalars = st.sampled_from(
    [None, True, False, 0, 1, -1, 2.5, 1.0, 0.0, "", "a", "b", "x'y", "10", "\\", "é"]
)


def _containers(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(NAMES), inner, max_size=4
    )


values = st.recursive(scalars, _containers, max_leaves=12)
documents = st.dictionaries(st.sampled_from(NAMES), values, min_size=1) | values

names = st.sampled_from(["a", "b", "c", '"d-e"'])
literals = values.map(lambda value: "`" + json.dumps(value).replace("`", "\\`") + "`")
raw = st.sampled_from(["'a'", "'b'", "'x\\'y'", "''", r"'\d'"])
numbers = st.integers(-3, 3).map(str)
slices = st.tuples(
    numbers | st.just(""),
    numbers | st.just(""),
    st.sampled_from(["", ":", ":1", ":2", ":-1"]),
).map(lambda parts: f"[{parts[0]}:{parts[1]}{parts[2]}]")
operators = st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "&&", "||", "|"])


def _suffixes(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    items = st.lists(inner, min_size=1, max_size=3).map(", ".join)
    return st.one_of(
        names.map(lambda name: f".{name}"),
        names.map(lambda name: f".{name}"),
        numbers.map(lambda number: f"[{number}]"),
        slices,
        st.sampled_from(["[*]", "[]", ".*"]),
        inner.map(lambda text: f"[?{text}]"),
        items.map(lambda text: f".[{text}]"),
        pairs(inner).map(lambda text: f".{text}"),
    )


def pairs(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """The text of an object of expressions."""
    pair = st.tuples(names, inner).map(": ".join)
    return st.lists(pair, min_size=1, max_size=3).map(
        lambda every: "{" + ", ".join(every) + "}"
    )


def _calls(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    one = st.sampled_from(ONE)
    two = st.sampled_from(TWO)
    by = st.sampled_from(["sort_by", "min_by", "max_by"])
    return st.one_of(
        st.tuples(one, inner).map(lambda t: f"{t[0]}({t[1]})"),
        st.tuples(two, inner, inner).map(lambda t: f"{t[0]}({t[1]}, {t[2]})"),
        st.tuples(by, inner, inner).map(lambda t: f"{t[0]}({t[1]}, &{t[2]})"),
        st.tuples(inner, inner).map(lambda t: f"map(&{t[0]}, {t[1]})"),
    )


def _grow(inner: st.SearchStrategy[str], *, calls: bool) -> st.SearchStrategy[str]:
    chain = st.lists(_suffixes(inner), min_size=1, max_size=4).map("".join)
    forms = [
        st.tuples(inner, operators, inner).map(" ".join),
        st.tuples(inner, operators, inner, operators, inner).map(" ".join),
        st.tuples(inner, chain).map("".join),
        st.tuples(names, chain).map("".join),
        inner.map(lambda text: f"!{text}"),
        inner.map(lambda text: f"({text})"),
        st.lists(inner, min_size=1, max_size=3).map(lambda x: f"[{', '.join(x)}]"),
        pairs(inner),
    ]
    if calls:
        forms += [_calls(inner), _calls(inner)]
    return st.one_of(forms)


atoms = st.one_of(
    names,
    names,
    literals,
    raw,
    st.sampled_from(["@", "*", "[]", "[*]", "[0]", "[1:]", "a.b", "a.b.c"]),
)

expressions = st.recursive(
    atoms, lambda inner: _grow(inner, calls=False), max_leaves=10
)
calling = st.recursive(atoms, lambda inner: _grow(inner, calls=True), max_leaves=10)


def same(left: object, right: object) -> bool:
    """Equality of JSON values that tells true from 1 and 1 from 1.0."""
    return repr(left) == repr(right)
