"""Evaluate the detections on each log file as it arrives, in AWS Lambda.

    notices.read(event)      what a Lambda event says: messages, and the objects of each
    Arrival.handle(event)    reads those objects, evaluates them, sends the findings
    destinations.open_…      S3, SNS, EventBridge or standard output
    handler.handle           the function that Lambda calls
    prepare                  keeps the rules as built, for a quick cold start

Correlations need the events of other files: they are left to the scheduled scan.
boto3 loads on first use.
"""
