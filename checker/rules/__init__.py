"""Turn rule files into rules.

Every mistake of every file is listed, with its file, line and column.
"""

from checker.rules.choosing import at_least, choose
from checker.rules.configuration import (
    configure,
    placeholders_in,
    read_configuration,
)
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
from checker.rules.sigma.placeholders import NONE, Placeholders

__all__ = [
    "KINDS",
    "NONE",
    "Loaded",
    "Placeholders",
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
    "placeholders_in",
    "read",
    "read_configuration",
    "read_shared",
    "shipped",
    "sigma_files",
]
