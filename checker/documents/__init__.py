"""Read YAML and JSON that people write, strictly and with positions.

YAML is read as JSON with another face: `true`, `false`, `null` and JSON's numbers are
themselves, everything else is text (so that `no`, `2026-11-21` and the account id
`012345678901` stay what they look like).  Aliases, tags, merge keys, duplicate keys and
several documents in one file are mistakes.  Nothing is ever executed or expanded, so a
hostile file costs no more than its size.  Other people's files may use tags that their
format defines: CloudFormation's `!Ref x` is read as `{"Ref": "x"}`, if asked for.

Sigma's own tools read YAML 1.1 and several documents in a file: `load_all_yaml` does so
too, as strictly otherwise.

It is the only importer of yaml and jsonschema; both load on first use.
"""

from checker.documents.building import MAX_DEPTH
from checker.documents.checking import check, nearest
from checker.documents.document import Document, Path, Scalar
from checker.documents.reading import (
    MAX_BYTES,
    ambiguous,
    load_all_yaml,
    load_config,
    load_json,
    load_yaml,
    placed,
)

__all__ = [
    "MAX_BYTES",
    "MAX_DEPTH",
    "Document",
    "Path",
    "Scalar",
    "ambiguous",
    "check",
    "load_all_yaml",
    "load_config",
    "load_json",
    "load_yaml",
    "nearest",
    "placed",
]
