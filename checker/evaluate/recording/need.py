"""Describe which events somebody needs to have recorded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Access: TypeAlias = Literal["All", "Read", "Write"]


@dataclass(frozen=True, slots=True)
class Need:
    """The events that have to be recorded.

    `category` is Management, Data, NetworkActivity or Insight.  None and `()` stand for
    all: all sources, names, resource types, ARNs of the type in the account, Regions,
    and each account that owns a trail.  An `arn` that ends with `/` or `*` stands for
    all that begin so.  For Insight `names` are insight types.
    """

    category: str
    source: str | None = None
    names: tuple[str, ...] = ()
    resource_type: str | None = None
    arn: str | None = None
    access: Access = "All"
    regions: tuple[str, ...] | None = None
    account: str | None = None
