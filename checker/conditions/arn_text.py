"""Read the name of a resource, whether it is written as a name or as an ARN.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
"""

from __future__ import annotations

import re
from typing import Any

from checker.conditions.unknown import refuse

_SUFFIX = re.compile(r"-[A-Za-z0-9]{6}")
"""What Secrets Manager adds to the name of a secret in its ARN."""


def resource_name(text: Any) -> Any:
    """`resource_name(string)`: the name in an ARN; what is no ARN is a name already.

    Calls take a trail, a secret, a parameter or a role by either.  Of a secret the
    suffix is left out, of an IAM resource its path.
    """
    if type(text) is not str:
        return refuse(text)
    parts = text.split(":", 5)
    if parts[0] != "arn" or len(parts) < 6:
        return text
    service, resource = parts[2], parts[5]
    if service == "iam":
        return resource.rpartition("/")[2]
    name = re.split("[/:]", resource, maxsplit=1)[-1]
    if service == "secretsmanager" and _SUFFIX.fullmatch(name[-7:]):
        return name[:-7]
    if service == "ssm" and resource.startswith("parameter/") and "/" in name:
        # The name of a parameter in a hierarchy begins with the slash.
        return f"/{name}"
    return name
