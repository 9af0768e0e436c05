"""Scans that are killed lose nothing: the short form of `make kill-test`."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from tests import kills
from tests.kills import STORIES, Story

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs signals")


@pytest.mark.parametrize("story", [STORIES[0], STORIES[3], STORIES[4], STORIES[6]])
def test_a_scan_that_is_killed_again_and_again_tells_each_finding_once(
    story: Story, tmp_path: Path
) -> None:
    killed = list(kills.tell(story, random.Random(7), tmp_path, kills=2))

    assert killed
