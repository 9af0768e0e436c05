"""Read Sigma's own rules, correlations and filters.

    recognize     is a file Sigma's, and is its rule about CloudTrail?
    conditions    the text of a condition → tree
    selections    a selection: maps, lists of maps, keywords → tree
    fields        one key with its modifiers and values → tree
    encodings     what modifiers make of a value
    metadata      title, id, level … as this project has them
    correlations  the correlation block
    filters       a filter, and the rules that it is for
    pack          all files together: names, references, copies

https://sigmahq.io/sigma-specification/ - docs/sigma.md has what it leaves open.
"""
