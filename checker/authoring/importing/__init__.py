"""Write other people's rules in this project's dialect.

shapes      what stands at a field, as AWS documents it
mending     the parts that can never hold, and what to write instead
translate   Sigma's tests → this project's conditions
witness     an event on which a condition holds, or does not
texts       a rule and its cases as YAML
sigma       all rules of some folders, with a report of each
"""
