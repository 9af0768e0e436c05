"""How the tests run: properties draw the same examples everywhere, without a clock.

`make fuzz` draws new ones, and more of them.
"""

from __future__ import annotations

import gc
import os
import tempfile

from hypothesis import HealthCheck, settings

settings.register_profile(
    "check",
    max_examples=50,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("fuzz", max_examples=5_000, deadline=None)
# What is known of rule files from elsewhere must not decide a test.
os.environ["XDG_CACHE_HOME"] = tempfile.mkdtemp(prefix="trailcheck-tests-")
# The reader in Python is the reference; tests of the compiled one turn it on.
os.environ["TRAILCHECK_CORE"] = "off"
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "check"))


def pytest_collection_finish() -> None:
    """Leave to the collector what tests make, not the modules and tests themselves."""
    gc.collect()
    gc.freeze()
