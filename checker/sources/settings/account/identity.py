"""Collect the account's sign-in settings from IAM.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
"""

from __future__ import annotations

import csv
import io
import time
from typing import Any

from checker.sources.settings.account import permissions
from checker.sources.settings.account.calls import Answer, Body, Caller, Question, place

# IAM makes a report in seconds for a small account, in minutes for the largest.
POLLS = 60
PAUSE_SECONDS = 2.0

# Nothing is managed centrally in an account without an organization, nor where the
# organization does not let IAM in, or has no such features: ListOrganizationsFeatures.
_NO_FEATURES = frozenset(
    {
        "OrganizationNotFound",
        "OrganizationNotFoundException",
        "OrganizationNotInAllFeaturesMode",
        "OrganizationNotInAllFeaturesModeException",
        "ServiceAccessNotEnabled",
        "ServiceAccessNotEnabledException",
    }
)
_COLUMNS = frozenset({"user", "arn"})
_SECRETS = ("Base32StringSeed", "QRCodePNG")
_VALUES = {
    "true": True,
    "false": False,
    "N/A": None,
    "no_information": None,
    "not_supported": None,
}


def iam(caller: Caller) -> Body:
    """Collect the account's sign-in settings, and the policies that it wrote."""
    body: Body = {"_state": {}}

    summary = _ask(caller, "get_account_summary", "account_summary")
    place(body, "account_summary", summary.state, summary.body.get("SummaryMap"))

    none = frozenset({"NoSuchEntity"})
    policy = _ask(caller, "get_account_password_policy", "password_policy", none)
    place(body, "password_policy", policy.state, policy.body.get("PasswordPolicy"))

    place(body, "credential_report", *_credential_report(caller))

    question = _question("list_virtual_mfa_devices", "virtual_mfa_devices", caller)
    devices = caller.rows(question, "VirtualMFADevices", AssignmentStatus="Any")
    for row in devices.rows:
        for secret in _SECRETS:
            row.pop(secret, None)
    place(body, "virtual_mfa_devices", devices.state, devices.rows)

    providers = _ask(caller, "list_saml_providers", "saml_providers")
    listed = providers.body.get("SAMLProviderList", [])
    place(body, "saml_providers", providers.state, listed)

    features = _ask(
        caller, "list_organizations_features", "organizations_features", _NO_FEATURES
    )
    place(body, "organizations_features", features.state, features.body or None)

    place(body, "policies", *permissions.policies(caller))
    return body


def report_rows(content: bytes) -> list[dict[str, Any]]:
    """Read a credential report: one map for each user, sorted by ARN.

    It holds no key material, only which credentials there are and their dates.
    """
    reader = csv.DictReader(io.StringIO(content.decode("utf-8")))
    missing = _COLUMNS - set(reader.fieldnames or ())
    if missing:
        raise csv.Error(f"the report has no column {' or '.join(sorted(missing))}")
    rows = [
        {
            column: value if column in ("user", "arn") else _VALUES.get(value, value)
            for column, value in row.items()
            if column is not None
        }
        for row in reader
    ]
    return sorted(rows, key=lambda row: str(row.get("arn")))


def _question(
    operation: str, part: str, caller: Caller, absent: frozenset[str] = frozenset()
) -> Question:
    return Question("iam", operation, caller.home, f"iam.{part}", None, absent)


def _ask(
    caller: Caller, operation: str, part: str, absent: frozenset[str] = frozenset()
) -> Answer:
    return caller.ask(_question(operation, part, caller, absent))


def _credential_report(caller: Caller) -> tuple[str, list[Body] | None]:
    """Have the report made, wait for it, read it.

    A caller that may not have it made may still read one that is there already.
    """
    made = _ask(caller, "generate_credential_report", "credential_report")
    for _ in range(POLLS):
        if made.body.get("State") not in ("STARTED", "INPROGRESS"):
            break
        time.sleep(PAUSE_SECONDS)
        made = _ask(caller, "generate_credential_report", "credential_report")
    question = _question("get_credential_report", "credential_report", caller)
    answer = caller.ask(question)
    if answer.state != "ok":
        return answer.state, None
    try:
        return "ok", report_rows(answer.body["Content"])
    except (UnicodeDecodeError, csv.Error) as error:
        return caller.note(question, "NotCSV", "error", str(error)), None
