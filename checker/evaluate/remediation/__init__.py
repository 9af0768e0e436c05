"""Work out the change of a trail's selectors that fixes a blind spot.

A need goes through these steps: `wanted` says it in the words that selectors have,
`present` reads what the trail has now, `writing` writes what is added, `offers` puts
both together for each trail, `proof` holds the result against three promises, and
`remedy` takes the smallest that keeps them.
"""

from checker.evaluate.remediation.remedy import apply, remedy

__all__ = ["apply", "remedy"]
