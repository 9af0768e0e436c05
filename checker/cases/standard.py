"""Standard cases: what every rule should survive, as patches over its first match.

A cases file names them (`standard: {no_match: [other_service, …]}`); each takes the
event of the first `match` case and changes only what its name says.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

_SERVICE_LINKED_ROLE = (
    "arn:aws:iam::123456789012:role/aws-service-role/autoscaling.amazonaws.com"
    "/AWSServiceRoleForAutoScaling"
)
_TERRAFORM = (
    "APN/1.0 HashiCorp/1.0 Terraform/1.13.4 (+https://www.terraform.io) "
    "terraform-provider-aws/6.21.0"
)


class StandardCase(msgspec.Struct, frozen=True):
    """A sentence for people, and a JSON Merge Patch over the first matching event."""

    sentence: str
    patch: Mapping[str, Any]


STANDARD: Final[dict[str, StandardCase]] = {
    "other_service": StandardCase(
        "The same event name from another service",
        {"eventSource": "example.amazonaws.com"},
    ),
    "refused": StandardCase(
        "The call was refused",
        {"errorCode": "AccessDenied", "errorMessage": "Request refused"},
    ),
    "error_code_only": StandardCase(
        "The call was refused, and the record has an error code alone",
        {"errorCode": "AccessDenied", "errorMessage": None},
    ),
    "error_message_only": StandardCase(
        "The call was refused, and the record has an error message alone",
        {"errorCode": None, "errorMessage": "Request refused"},
    ),
    "empty_error": StandardCase(
        "The call succeeded, and the error fields are present and empty",
        {"errorCode": "", "errorMessage": ""},
    ),
    "service_linked_role": StandardCase(
        "A service-linked role made the call",
        {
            "userIdentity": {
                "sessionContext": {"sessionIssuer": {"arn": _SERVICE_LINKED_ROLE}}
            }
        },
    ),
    "service_on_behalf": StandardCase(
        "CloudFormation made the call on behalf of the caller",
        {"userIdentity": {"invokedBy": "cloudformation.amazonaws.com"}},
    ),
    "terraform": StandardCase(
        "The user agent says Terraform", {"userAgent": _TERRAFORM}
    ),
}
