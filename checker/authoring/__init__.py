"""Write rules: lint them, run their cases, and measure by mutants what cases are worth.

It stands above the rooms that it drives.  Whoever lints needs no detector: each part
is imported by its own name.
"""
