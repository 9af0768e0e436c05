"""Name the functions that configuration rules have beside JMESPath's.

`coverage(need)` asks what the union of the account's trails records of a need, and
gives `{verdict, trails, gaps, reason}`.  A need is an object:

    category      'Management', 'Data', 'NetworkActivity' or 'Insight'
    source        eventSource                     (optional; any)
    names         eventName or a list of them     (optional; any)
    resourceType  resources.type of data events   (optional)
    arn           resources.ARN                   (optional; every ARN)
    access        'All', 'Read' or 'Write'        (optional; 'All')
    regions       a list of Regions               (optional; every Region)
    account       an account id                   (optional; the snapshot's)
    trails        a list of trails to ask         (optional; the snapshot's)

`verdict` is 'full', 'partial' or 'none'; where the snapshot cannot tell, the answer as
a whole is unknown, and so is the rule's outcome.

`alarmed(need)` tells whether somebody is notified when a trail records certain events:
it walks from the trails over log groups, metric filters and alarms to the subscribers,
and runs the filters on sample events.  A need is an object:

    source        eventSource of the samples      (optional)
    names         eventName of each sample        (optional)
    match         records that must be noticed, each put over a plain one  (optional)
    ignore        records that must not be        (optional)
    events        how many of them in a row must be enough  (optional; 1)

`days_since(time)` is the age in days, a number, that a time (ISO-8601 text) had when
the snapshot was collected.  It gives null for what is no time.

`seconds(number, unit)` turns a duration in 'seconds', 'minutes', 'hours', 'days' or
'years' (of 365 days) into seconds, a number.

`decision(policy, request)` says what a resource policy (an object, or null) decides:
'allow', 'deny' or 'none'.  A request is an object:

    action        such as 's3:GetObject'
    principal     an ARN, account id or service's host name  (optional; anybody)
    resource      an ARN                          (optional; some resource)
    context       condition keys to text          (optional)

The caller chooses what is `*` in the text of a condition key.

`parameter(name)` is the value of one of the rule's own parameters, under which the rule
declares it: text in quotes.  It is gone when the rule is loaded (`parameters.settle`).

`grants(policy, need)` gives a row for each statement of an identity policy by which its
holder may do all of something: {statement, reason}.  What a condition guards does not
count, nor what the policy denies.  A need is an object:

    actions       a list, each of which must be allowed
    resource      an ARN                          (optional; some resource)

`wide_statements(policies)` gives a row for each statement of some policies (rows with
PolicyName and PolicyDocument) that allows a wildcard of actions or every resource:
{policy, statement, reason}.

`open_statements(policies, arn)` gives a row for each statement of the policies of a log
group (rows with policyName and policy) that lets everybody in: {policy, statement,
reason}.

`recorder_gaps()` gives a row for each Region in which AWS Config does not record every
resource of the account: {region, reason}.

`log_lifecycle(bucket)` gives a row for each enabled lifecycle rule of a bucket that
acts on the log files of its trails: {days, date, reason}, of which `days` and `date`
say when it ends them.

`regions_without(section)` gives a row for each Region in which a security service is
not on: {region, reason}.  The sections are 'guardduty', 'security_hub' and
'access_analyzers'.

`snapshot()` is the whole snapshot, for what stands beside the resource.

Four functions look at the event selectors of a trail or event data store (`@` in a rule
on those), and give rows; a row that a condition comes upon gives the finding its
`reason`, so that `!(dead_selectors(@))` names each one that is dead:

    dead_selectors(holder)   each selector that can select nothing: {selector, reason}
    hidden_callers(holder)   each selector that drops callers whose events no other
                             trail or store records: {selector, reason}
    own_deliveries(trail)    that the trail records the delivery of its own log files:
                             {bucket, reason}
    selector_values(holder)  each value of each operator, to look for what is wrong
                             with a value as such: {selector, category, type, field,
                             operator, value, basic, known, reason}
"""

from __future__ import annotations

from collections.abc import Mapping

from checker.conditions.functions import STANDARD, Function
from checker.conditions.parameters import FUNCTION
from checker.conditions.signature import (
    ANY,
    ARRAY,
    BOOLEAN,
    NUMBER,
    OBJECT,
    STRING,
    checked,
)
from checker.conditions.unknown import Unknown

_UNITS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400, "years": 31536000}


def _no_snapshot(*_: object) -> object:
    return Unknown("there is no settings snapshot to ask")


def _unsettled(_: object) -> object:
    return Unknown("the rule's parameters have not been settled")


_PARAMETER = Function(FUNCTION, (STRING,), ANY, _unsettled)

EVENTS: Mapping[str, Function] = {**STANDARD, FUNCTION: _PARAMETER}
"""What a detection can call: it has parameters too, but no snapshot to ask."""


def _seconds(number: float, unit: str) -> float | None:
    return number * _UNITS[unit] if unit in _UNITS else None


SETTINGS: Mapping[str, Function] = {
    **STANDARD,
    "coverage": Function(
        name="coverage",
        arguments=(frozenset({"object"}),),
        returns=frozenset({"object"}),
        call=_no_snapshot,
    ),
    "alarmed": Function("alarmed", (OBJECT,), BOOLEAN, _no_snapshot),
    "days_since": Function("days_since", (STRING,), NUMBER, _no_snapshot),
    "decision": Function("decision", (OBJECT, OBJECT), STRING, _no_snapshot),
    FUNCTION: _PARAMETER,
    "seconds": Function(
        "seconds", (NUMBER, STRING), NUMBER, checked((NUMBER, STRING), _seconds)
    ),
    "grants": Function("grants", (OBJECT, OBJECT), ARRAY, _no_snapshot),
    "open_statements": Function(
        "open_statements", (ARRAY, STRING), ARRAY, _no_snapshot
    ),
    "log_lifecycle": Function("log_lifecycle", (OBJECT,), ARRAY, _no_snapshot),
    "recorder_gaps": Function("recorder_gaps", (), ARRAY, _no_snapshot),
    "regions_without": Function("regions_without", (STRING,), ARRAY, _no_snapshot),
    "snapshot": Function("snapshot", (), OBJECT, _no_snapshot),
    "dead_selectors": Function("dead_selectors", (OBJECT,), ARRAY, _no_snapshot),
    "hidden_callers": Function("hidden_callers", (OBJECT,), ARRAY, _no_snapshot),
    "own_deliveries": Function("own_deliveries", (OBJECT,), ARRAY, _no_snapshot),
    "selector_values": Function("selector_values", (OBJECT,), ARRAY, _no_snapshot),
    "wide_statements": Function("wide_statements", (ARRAY,), ARRAY, _no_snapshot),
}
