"""The table of trail settings whose truth AWS's text gives."""

from __future__ import annotations

from tests.evaluate.recording.rows_of_data import DATA
from tests.evaluate.recording.rows_of_management import MANAGEMENT_ROWS
from tests.evaluate.recording.rows_of_reach import REACH
from tests.evaluate.recording.rows_of_stores import OTHERS

ROWS = REACH + MANAGEMENT_ROWS + DATA + OTHERS
