"""Many matches, one finding: windows, bursts, sequences, absences, room."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from checker.errors import UsageError
from checker.evaluate import correlation
from checker.evaluate.correlation import Correlator
from checker.evaluate.correlation.hit import SignalBuilder, key, located, milliseconds
from checker.evaluate.detection.subject import said_of
from checker.model import Level
from tests.evaluate.correlation.correlations import Stream, base, rule

THRESHOLDS = [
    ({"gte": 3}, 3),
    ({"gt": 2}, 3),
    ({"eq": 3}, 3),
    ({"range": {"min": 3, "max": 5}}, 3),
    ({"gt": 1, "lte": 4, "neq": 2}, 3),
    ({"gte": 2.5}, 3),
]


@pytest.mark.parametrize(("condition", "fires"), THRESHOLDS)
def test_one_event_less_is_silent(condition: dict[str, Any], fires: int) -> None:
    stream = Stream(rule("event_count", **condition))
    hits = [stream.hit(n, f"e{n}") for n in range(fires)]

    assert stream.run(hits[:-1]).bursts == ()
    (burst,) = stream.run(hits).bursts
    assert (burst.count, burst.fired.event, burst.value) == (3, "e2", 3)


@pytest.mark.parametrize(("seconds", "found"), [(600, 1), (601, 0)])
def test_the_edge_of_the_window_is_exact_to_the_second(
    seconds: int, found: int
) -> None:
    stream = Stream(rule("event_count", timespan=600, gte=2))

    hits = [stream.hit(0, "e1"), stream.hit(seconds, "e2")]

    assert len(stream.run(hits).bursts) == found


def test_windows_slide_instead_of_starting_at_full_minutes() -> None:
    stream = Stream(rule("event_count", timespan=60, gte=3))

    hits = [stream.hit(at, f"e{at}") for at in (0, 59, 61, 62)]

    (burst,) = stream.run(hits).bursts
    assert burst.first.event == "e59"


def test_a_burst_that_goes_on_is_one_finding_and_the_list_is_capped() -> None:
    stream = Stream(rule("event_count", gte=3))

    (burst,) = stream.run(stream.hit(n, f"e{n:04}") for n in range(500)).bursts

    assert (burst.first.event, burst.last.event) == ("e0000", "e0499")
    assert burst.count == 500
    assert len(burst.events) == correlation.MOST_EVENTS


def test_windows_that_share_an_event_are_one_burst() -> None:
    stream = Stream(rule("event_count", timespan=10, gte=3))

    def counts(*seconds: int) -> list[int]:
        hits = [stream.hit(at, f"e{index}") for index, at in enumerate(seconds)]
        return [burst.count for burst in stream.run(hits).bursts]

    assert counts(0, 1, 2, 12, 12) == [5]
    assert counts(0, 1, 2, 13, 13, 13) == [3, 3]


def test_one_action_delivered_to_two_accounts_counts_once() -> None:
    stream = Stream(rule("event_count", gte=2))
    copies = [stream.hit(0, "e1", shared="s"), stream.hit(0, "e2", shared="s")]

    assert stream.run(copies).bursts == ()
    assert stream.run([*copies, stream.hit(1, "e3", shared="t")]).bursts[0].count == 2


def test_an_event_that_two_rules_match_counts_once() -> None:
    stream = Stream(rule("event_count", "ab", gte=2))

    assert stream.run([stream.hit(0, "e1", "a"), stream.hit(0, "e1", "b")]).bursts == ()


def test_a_match_without_a_value_to_group_by_is_in_no_group() -> None:
    stream = Stream(rule("event_count", group_by=("ip", "user"), gte=1))

    found = stream.run([stream.hit(0, "e1", user=None), stream.hit(0, "e2", user="u")])

    assert [burst.first.event for burst in found.bursts] == ["e2"]
    assert found.bursts[0].group == {"ip": "192.0.2.1", "user": "u"}
    assert found.counts["it"].ungrouped == 1


def test_without_group_by_everything_is_one_group() -> None:
    stream = Stream(rule("event_count", group_by=(), gte=2))

    found = stream.run([stream.hit(0, "e1"), stream.hit(1, "e2")])

    assert found.bursts[0].group == {}


def test_aliases_join_fields_of_different_names() -> None:
    one = rule(
        "temporal",
        "ab",
        group_by=("who",),
        aliases={"who": {"a": "user", "id-b": "ip"}},
    )
    stream = Stream(one)
    assert dict(stream.plan.carried) == {"a": ("user",), "b": ("ip",)}

    hits = [stream.hit(0, "e1", "a", user="x"), stream.hit(1, "e2", "b", ip="x")]

    assert stream.run(hits).bursts[0].group == {"who": "x"}


def test_a_sequence_keeps_to_the_order_and_a_second_has_none() -> None:
    stream = Stream(rule("temporal_ordered", "ab"))
    forward = [stream.hit(0, "e1", "a"), stream.hit(0, "e2", "b")]
    backward = [stream.hit(0, "e2", "a"), stream.hit(0, "e1", "b")]
    both = [stream.hit(0, "e1", "a"), stream.hit(0, "e1", "b")]
    late = [stream.hit(1, "e1", "a"), stream.hit(0, "e2", "b")]

    assert len(stream.run(forward).bursts) == 1
    assert len(stream.run(backward).bursts) == 1
    assert stream.run(both).bursts == ()
    assert stream.run(late).bursts == ()


def test_a_second_with_very_many_events_of_a_sequence_costs_little() -> None:
    stream = Stream(rule("temporal_ordered", "abc"))
    hits = [
        stream.hit(0, f"e{number:05}", "cba"[number % 3]) for number in range(30_000)
    ]
    (burst,) = stream.run(hits).bursts
    assert burst.value == 3


def failures_then_success(timespan: int = 60) -> Stream:
    return Stream(
        rule("event_count", "a", "many", level=Level.INFORMATIONAL, gte=3),
        rule("temporal_ordered", ("many", "b"), timespan=timespan, group_by=("user",)),
    )


def test_a_correlation_over_a_correlation_lasts_as_long_as_its_burst() -> None:
    stream = failures_then_success()
    burst = [stream.hit(n, f"e{n:03}", user="u") for n in range(200)]

    def found(at: int) -> list[str]:
        bursts = stream.run([*burst, stream.hit(at, "z", "b", user="u")]).bursts
        return [burst.rule for burst in bursts]

    assert found(259) == ["many", "it"]
    assert found(260) == ["many"]
    assert stream.plan.quiet == {"a", "b", "many"}


def test_a_burst_reaches_every_group_of_the_correlation_above() -> None:
    stream = failures_then_success()
    spray = [stream.hit(n, f"e{n}", user=f"u{n}") for n in range(3)]

    for user in ("u0", "u1", "u2"):
        found = stream.run([*spray, stream.hit(9, "z", "b", user=user)]).bursts
        assert found[-1].group == {"user": user}
    assert len(stream.run([*spray, stream.hit(9, "z", "b", user="v")]).bursts) == 1


def test_a_burst_counts_once_above() -> None:
    stream = Stream(
        rule("event_count", "a", "many", gte=2),
        rule("event_count", ("many",), timespan=900, group_by=(), gte=2),
    )
    one = [stream.hit(n, f"e{n}") for n in range(9)]
    other = [stream.hit(n, f"f{n}", ip="192.0.2.2") for n in range(9)]

    assert [burst.rule for burst in stream.run(one).bursts] == ["many"]
    found = stream.run([*one, *other]).bursts
    assert [(burst.rule, burst.count) for burst in found][-1] == ("it", 2)


def test_an_absence_waits_from_the_last_event_of_a_burst() -> None:
    stream = Stream(
        rule("event_count", "a", "many", timespan=60, gte=3),
        rule("absence", ("many", "b"), timespan=30),
    )
    burst = [stream.hit(n, f"e{n:03}") for n in range(200)]

    def found(at: int) -> list[str]:
        bursts = stream.run([*burst, stream.hit(at, "z", "b")]).bursts
        return [burst.rule for burst in bursts]

    assert found(229) == ["many"]
    assert found(230) == ["many", "it"]


def test_an_absence_says_when_the_input_ends_too_early_to_tell() -> None:
    stream = Stream(rule("absence", "ab", timespan=10))
    alone = stream.hit(0, "e1")

    (early,) = stream.run([alone]).bursts
    (late,) = stream.run([alone, stream.hit(11, "e2", "b")]).bursts

    assert (early.open, late.open) == (True, False)
    assert early.end == 10_000


def test_what_was_absent_counts_above_when_the_time_is_over() -> None:
    stream = Stream(
        rule("absence", "ab", "gone", timespan=10),
        rule("temporal_ordered", ("gone", "c"), timespan=5),
    )
    lost = stream.hit(0, "e1", "a")

    def found(at: int) -> list[str]:
        bursts = stream.run([lost, stream.hit(at, "e2", "c")]).bursts
        return [burst.rule for burst in bursts]

    assert found(9) == ["gone"]
    assert found(15) == ["gone", "it"]
    assert found(16) == ["gone"]


def test_what_is_learned_is_forgotten_in_time() -> None:
    stream = Stream(rule("first_seen", timespan=10, field="user"))
    old = [stream.hit(0, "e1", user="old"), stream.hit(9, "e2", user="new")]

    learned = correlation.learn(stream.plan, old)
    assert learned == {"it": {("192.0.2.1", "old"): 0, ("192.0.2.1", "new"): 9000}}
    again = correlation.learn(
        stream.plan, [stream.hit(15, "e3", user="newer")], learned
    )
    assert set(again["it"]) == {("192.0.2.1", "new"), ("192.0.2.1", "newer")}

    hits = [stream.hit(20, "e4", user="new"), stream.hit(20, "e5", user="old")]
    found = stream.run(hits, learned=again).bursts
    assert [(burst.values, burst.value) for burst in found] == [(("old",), 1)]


def test_what_other_correlations_found_is_learned() -> None:
    stream = Stream(
        rule("event_count", "a", "many", timespan=10, gte=2),
        rule("absence", "bc", "gone", timespan=10),
        rule("first_seen", ("many", "gone", "c"), timespan=600, field="user"),
    )
    old = [
        stream.hit(0, "e1", "a", user="alone"),
        stream.hit(20, "e2", "a", user="first"),
        stream.hit(25, "e3", "a", user="second"),
        stream.hit(30, "e4", "b", user="unanswered"),
        stream.hit(41, "e5", "c", user="itself"),
        stream.hit(50, "e6", "b", user="late"),
    ]
    ip = "192.0.2.1"

    learned = correlation.learn(
        stream.plan, old, {"it": {(ip, "first"): 5000, (ip, "before"): 1000}}
    )

    assert {user: at for (_, user), at in learned["it"].items()} == {
        "before": 1_000,
        "first": 25_000,
        "second": 25_000,
        "unanswered": 40_000,
        "itself": 41_000,
        "late": 60_000,
    }


@pytest.mark.parametrize("kind", ["event_count", "absence", "first_seen"])
def test_groups_beyond_the_limit_are_forgotten_and_counted(kind: str) -> None:
    conditions: dict[str, dict[str, Any]] = {
        "event_count": {"gte": 2},
        "absence": {},
        "first_seen": {"field": "ip"},
    }
    condition = conditions[kind]
    one = rule(kind, "a" if kind != "absence" else "ab", timespan=10_000, **condition)
    stream = Stream(one)
    hits = [stream.hit(n, f"e{n:04}", ip=f"g{n}") for n in range(500)]

    roomy = stream.run(hits, most_groups=1000)
    tight = stream.run(hits, most_groups=100)

    assert roomy.counts["it"].evicted == 0
    assert tight.counts["it"].evicted >= 400


def test_the_stalest_group_goes_first_and_its_burst_is_reported() -> None:
    stream = Stream(rule("event_count", timespan=10_000, gte=2))
    hits = [
        *(stream.hit(n, f"a{n}", ip="old") for n in range(2)),
        *(stream.hit(n, f"b{n:03}", ip=f"g{n}") for n in range(10, 400)),
        stream.hit(500, "c1", ip="fresh"),
        stream.hit(501, "c2", ip="fresh"),
    ]

    found = stream.run(hits, most_groups=50)

    assert [burst.group["ip"] for burst in found.bursts] == ["old", "fresh"]


def test_numbers_are_added_as_they_are_written() -> None:
    stream = Stream(rule("value_sum", field="n", eq=1))

    found = stream.run(stream.hit(i, f"e{i}", n=0.1) for i in range(10)).bursts

    assert [burst.value for burst in found] == [1]


def test_hits_are_refused_out_of_order_one_by_one() -> None:
    stream = Stream(rule("event_count", gte=1))

    with pytest.raises(ValueError, match="order"):
        Correlator(stream.plan).feed([stream.hit(1, "e1"), stream.hit(0, "e2")])


def test_informational_bases_are_quiet_unless_generated() -> None:
    loud = base("a", Level.LOW)
    quiet = base("b")

    assert correlation.plan([loud, quiet, rule("temporal", "ab")]).quiet == {"b"}
    generated = rule("temporal", "ab", generate=True)
    assert correlation.plan([loud, quiet, generated]).quiet == frozenset()


def test_bases_that_were_not_chosen_are_quiet() -> None:
    one = rule("temporal", "ab")
    planned = correlation.plan([base("a", Level.HIGH), base("b"), one], [one])

    assert planned.quiet == {"a", "b"}
    with pytest.raises(UsageError, match="needs the rule a"):
        correlation.plan([one])


def test_values_become_keys_without_mixing_truth_and_numbers() -> None:
    assert key(True) == "true"  # noqa: FBT003 - a value of a record
    assert key(1) == 1
    assert key({"b": [1], "a": None}) == '{"a":null,"b":[1]}'
    assert len(str(key("x" * 100_000))) < 400
    assert key("x" * 100_000) != key("x" * 100_001)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970-01-01T00:00:01Z", 1000),
        ("1970-01-01T00:00:01.5Z", 1500),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1970-01-01T00:00:00", 0),
        ("yesterday", None),
        ("9999-12-31T23:59:59-14:00", None),
        ("0001-01-01T00:00:00+14:00", None),
        (5, None),
        (None, None),
    ],
)
def test_event_times_are_read(text: object, expected: int | None) -> None:
    assert milliseconds(text) == expected


def test_an_event_without_an_id_is_known_by_its_place() -> None:
    event: dict[str, Any] = {"eventTime": "1970-01-01T00:00:00Z", "eventID": None}
    about = said_of({"eventName": "x"})
    made = SignalBuilder(event, about, ("logs/x.json", 3)).hit("a", ())

    assert made is not None
    assert made.subject()["id"] is None
    assert made.subject()["eventName"] == "x"
    assert pickle.loads(pickle.dumps(made)) == made
    assert SignalBuilder({}, (), ("logs/x.json", 3)).hit("a", ()) is None


def test_an_event_without_an_id_is_named_by_what_it_says() -> None:
    event = {"eventTime": "1970-01-01T00:00:00Z", "eventName": "x"}

    hit = SignalBuilder(event, (), ("a.json", 3)).hit("a", ())
    there = SignalBuilder(event, (), ("b.json", 7)).hit("a", ())

    assert hit is not None
    assert there is not None
    here = located(hit, (1, 2, 3))
    assert here.event != there.event
    assert here.identity == there.identity == there.content
    assert here.subject()["id"] is None
    assert here.place == (1, 2, 3)


def test_an_event_id_is_a_name_whatever_its_characters() -> None:
    event = {"eventTime": "1970-01-01T00:00:00Z", "eventID": "\x1fodd\x1fid"}

    hit = SignalBuilder(event, (), ("a.json", 3)).hit("a", ())

    assert hit is not None
    assert hit.identity == hit.subject()["id"] == "\x1fodd\x1fid"


def test_copies_of_an_action_count_once_whatever_rule_saw_them() -> None:
    stream = Stream(rule("event_count", "ab", gte=2))
    first = stream.hit(0, "e1", "a", "s")

    copies = [first, stream.hit(0, "e2", "b", "s")]
    several = [first, stream.hit(0, "e1", "b", "s"), stream.hit(1, "e3", "a", "t")]

    assert stream.run(copies).bursts == ()
    (burst,) = stream.run(several).bursts
    assert burst.count == 2


def test_copies_of_an_action_are_no_two_steps_of_a_sequence() -> None:
    stream = Stream(rule("temporal_ordered", "ab"))
    first = stream.hit(0, "e1", "a", "s")

    assert stream.run([first, stream.hit(0, "e2", "b", "s")]).bursts == ()
    assert stream.run([first, stream.hit(0, "e2", "b", "t")]).bursts
