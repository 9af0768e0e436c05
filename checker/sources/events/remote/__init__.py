"""Read events where AWS keeps them: S3, event history, CloudWatch Logs.

Each source says what there is to read (`Remote` values), and what went wrong on the way
as `Unreadable` values.  Nothing is read before `fetch.fetching` asks for it, ahead of
the work and in the process that holds the credentials: workers get bytes.
`events-policy.json`, beside this package, allows exactly the calls made.

boto3 and botocore load on first use.
"""
