"""This module lets `python -m checker` be `trailcheck`."""

from checker.cli import main

if __name__ == "__main__":
    main(prog_name="trailcheck")
