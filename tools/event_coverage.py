"""Find for each event of sign-in and Amazon Cognito the rules that see it.

The operations are those of the installed botocore, the pages of the hosted UI and of
managed login those of AWS's list; lint knows both.
"""

# ruff: noqa: INP001 - a module of scripts beside the package, not in it

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from checker.authoring.lint.pins import pins
from checker.aws import api_models
from checker.aws.non_api_events import EXTRA_EVENTS
from checker.model import AnyRule, CorrelationRule, DetectionRule
from checker.reports.event_coverage import Row, Table

_COGNITO: Final = "https://docs.aws.amazon.com/cognito/latest/developerguide/logging-using-cloudtrail.html"
_SIGN_IN: Final = "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html"

_SHOWN: Final = "a page was shown; what is sent from it is an event of its own"
_TAGS: Final = "tags of an identity pool decide nothing that its roles do not"
WHY: Final[Mapping[str, str]] = {
    "OAuth2_Authorize_GET": "the browser was sent to the sign-in page; the sign-in is "
    "an event of its own",
    "Beta_Authorize_GET": "the browser was sent to the sign-in page; the sign-in is "
    "an event of its own",
    **dict.fromkeys(
        [
            "Signup_GET",
            "Confirm_GET",
            "ForgotPassword_GET",
            "ConfirmForgotPassword_GET",
            "ResetPassword_GET",
            "Mfa_GET",
            "MfaOption_GET",
            "MfaRegister_GET",
            "passkeys_add_GET",
        ],
        _SHOWN,
    ),
    **dict.fromkeys(["ListTagsForResource", "TagResource", "UntagResource"], _TAGS),
    "ExitRole": "the end of a switched role",
    "RenewRole": "a switched role that goes on; the switch is an event of its own",
    "Logout": "the end of a console session",
    "RevokeOAuth2TokenWithIAM": "a token that ends",
    "IntrospectOAuth2TokenWithIAM": "a question about a token at hand",
    **dict.fromkeys(
        [
            "GetConsoleAuthorizationConfiguration",
            "GetResourcePolicy",
            "ListResourcePermissionStatements",
        ],
        "a setting was read; changes are seen",
    ),
}
"""Why no rule is about an event."""


def tables(pack: Iterable[AnyRule]) -> tuple[Table, ...]:
    """List the events of AWS's two documents with the rules of a pack that see them."""
    seen = _Seen(pack)
    pools, identities, sync, sign_in = (
        f"{source}.amazonaws.com"
        for source in ("cognito-idp", "cognito-identity", "cognito-sync", "signin")
    )
    also = ("EnableMFADevice", "ChangePassword")
    return (
        _table(
            "User pool operations", pools, _COGNITO, api_models.operations(pools), seen
        ),
        _table(
            "Hosted UI and managed login", pools, _COGNITO, EXTRA_EVENTS[pools], seen
        ),
        _table(
            "Identity pool operations",
            identities,
            _COGNITO,
            api_models.operations(identities),
            seen,
        ),
        _table(
            "Cognito Sync operations", sync, _COGNITO, api_models.operations(sync), seen
        ),
        _table(
            "Sign-in",
            sign_in,
            _SIGN_IN,
            {*EXTRA_EVENTS[sign_in], *api_models.operations(sign_in)},
            seen,
        ),
        _table("Credentials of IAM users", "iam.amazonaws.com", _SIGN_IN, also, seen),
    )


class _Seen:
    """The rules that name an event, and the correlations over each rule."""

    def __init__(self, pack: Iterable[AnyRule]) -> None:
        self.rules: dict[tuple[str, str], dict[str, DetectionRule]] = {}
        self.correlations: dict[str, list[str]] = {}
        for rule in pack:
            if isinstance(rule, CorrelationRule):
                for name in rule.correlation.rules:
                    self.correlations.setdefault(name, []).append(rule.name)
            elif isinstance(rule, DetectionRule):
                for event in _events(rule):
                    self.rules.setdefault(event, {})[rule.name] = rule

    def row(self, source: str, name: str) -> Row:
        found = sorted(self.rules.get((source, name), {}).items())
        over = {each for rule, _ in found for each in self.correlations.get(rule, ())}
        return Row(
            name=name,
            rules=tuple((rule, each.level) for rule, each in found),
            correlations=tuple(sorted(over)),
            why="" if found else WHY.get(name, "not reviewed yet"),
        )


def _events(rule: DetectionRule) -> Iterator[tuple[str, str]]:
    for pin in pins(rule.detection.condition):
        for source in pin.sources or ():
            for name in pin.names or ():
                yield source, name


def _table(
    title: str, source: str, document: str, names: Iterable[str], seen: _Seen
) -> Table:
    rows = tuple(seen.row(source, name) for name in sorted(names, key=_in_order))
    return Table(title=title, source=source, document=document, rows=rows)


def _in_order(name: str) -> tuple[str, str]:
    """Sort without regard to case, and names that differ in case alone by it."""
    return name.lower(), name
