"""Let `python -m checker` be `trailcheck`."""

from checker.cli import command

if __name__ == "__main__":
    command()
