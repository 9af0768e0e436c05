"""The rounds of a scan on a cluster: iterators in, keyed rows out, and no engine.

    list_units    units of a listing → what is to be read (`sources.events.units`)
    scan_share    what is to be read → matches, hits, eventIDs
    merge_bucket  those of one bucket → without copies
    judge_bucket  the matches of some groups → what correlates

Rows travel by their key: its first part names the bucket that gets them, and in a
bucket they come in the order of their keys.  One bucket, the ledger, gets what is said
of the whole, and is read first.  `checker.spark` moves the rows; any engine could.
"""
