"""The rounds of a scan on a cluster: iterators in, keyed rows out, and no engine.

    read.list_units     units of a listing → what is to be read
    read.scan_share     what is to be read → matches, hits, eventIDs
    merge.merge_bucket  those of one bucket → without copies
    merge.judge_bucket  the matches of some groups → what correlates

Rows travel by their key: its first part names the bucket that gets them, and in a
bucket they come in the order of their keys.  One bucket, the ledger, gets what is said
of the whole, and is read first.  `checker.spark` moves the rows; any engine could.
"""
