"""The user's own AWS session, whose configuration is read before any call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checker.errors import SourceError

if TYPE_CHECKING:
    import boto3


def open_session(
    profile: str | None = None, region: str | None = None
) -> boto3.Session:
    """Open the session of a profile, by default the one that the environment names.

    Raises `SourceError` when the profile does not exist or the configuration cannot be
    read.  boto3 finds either only when it first needs a setting of the profile, which
    may be in the middle of a run.
    https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
    """
    import boto3
    from botocore.exceptions import BotoCoreError, ProfileNotFound

    try:
        opened = boto3.Session(profile_name=profile, region_name=region)
        name, known = opened.profile_name, opened.available_profiles
        if name != "default" and name not in known:
            raise ProfileNotFound(profile=name)
    except BotoCoreError as error:
        raise SourceError("AWS configuration", str(error)) from error
    return opened
