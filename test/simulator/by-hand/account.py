"""What the jobs by hand share: the account of the line that `simulate --json` prints, and a client with a set of its keys."""

import json
import sys
import time

import boto3
import botocore.exceptions

account = json.loads(sys.stdin.readline())


def client(service, keys):
    return boto3.client(
        service,
        region_name=account["region"],
        endpoint_url=account["endpoint"],
        aws_access_key_id=keys["accessKeyId"],
        aws_secret_access_key=keys["secretAccessKey"],
        aws_session_token=keys.get("sessionToken"),
    )


def refusal(call, **parameters):
    """The code of a refusal; None when the call is let through."""
    try:
        call(**parameters)
    except botocore.exceptions.ClientError as error:
        return error.response["Error"]["Code"]
    return None


def until(look, patience=60):
    """What a look gives once it gives anything."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.3)
    raise TimeoutError(look.__name__)
