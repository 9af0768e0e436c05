"""Turn rule files into rules.

Every mistake of every file is listed, with its file, line and column.
"""

from checker.rules.choosing import at_least, choose
from checker.rules.configuration import configure
from checker.rules.files import RuleFile, find, load_document, named
from checker.rules.load import (
    KINDS,
    Loaded,
    bases,
    load,
    load_all,
    located,
    read,
    read_shared,
    shipped,
    sigma_files,
)

__all__ = [
    "KINDS",
    "Loaded",
    "RuleFile",
    "at_least",
    "bases",
    "choose",
    "configure",
    "find",
    "load",
    "load_all",
    "load_document",
    "located",
    "named",
    "read",
    "read_shared",
    "shipped",
    "sigma_files",
]
