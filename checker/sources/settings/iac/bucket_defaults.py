"""What AWS gives a new bucket for which code declares nothing.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html
"""

from __future__ import annotations

BLOCKED = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}
# ACLs of new buckets are disabled since April 2023.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
OWNER_ENFORCED = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
ENCRYPTED = {
    "Rules": [
        {
            "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
            "BucketKeyEnabled": False,
        }
    ]
}
