"""Writes golden-wires.json: requests exactly as boto3 signs and sends them, with credentials made up for the purpose.

Nothing is sent: every request is kept and answered on the spot. Run from the root of the repository
(python3 test/simulator/wire/golden-wires.record.py), then format with Biome. The expected inputs stand in golden-wires.test.ts.
"""

import datetime
import json
import pathlib

import boto3
from botocore.config import Config

ACCESS_KEY, SECRET, TOKEN = "ASIAEXAMPLEGOLDEN001", "not/a+real/secret/key/of/any/account0000", "not-a-real-token/+=="
NOON = datetime.datetime(2026, 3, 1, 12, 0, 0, tzinfo=datetime.timezone.utc)

CALLS = [
    ("guardduty", "list_detectors", {"MaxResults": 5, "NextToken": "a b+c/d=="}),
    ("guardduty", "get_detector", {"DetectorId": "12 ab/é~*"}),
    (
        "guardduty",
        "list_findings",
        {
            "DetectorId": "12abc34d567e8fa901bc2d34e56789f0",
            "FindingCriteria": {"Criterion": {"resource.accessKeyDetails.accessKeyId": {"Equals": ["ASIA1", "ASIA2"]}, "severity": {"GreaterThanOrEqual": 4}}},
            "SortCriteria": {"AttributeName": "updatedAt", "OrderBy": "DESC"},
        },
    ),
    ("iam", "put_role_policy", {"RoleName": "web-app", "PolicyName": "AWSRevokeOlderSessions", "PolicyDocument": '{"Version": "2012-10-17", "é": "a+b&c=d"}'}),
    ("iam", "simulate_principal_policy", {"PolicySourceArn": "arn:aws:iam::111122223333:role/web-app", "ActionNames": ["s3:GetObject", "ec2:StopInstances"], "ContextEntries": [{"ContextKeyName": "aws:TokenIssueTime", "ContextKeyValues": ["2026-03-01T12:00:00Z"], "ContextKeyType": "date"}]}),
    ("sts", "get_caller_identity", {}),
    ("sts", "assume_role", {"RoleArn": "arn:aws:iam::111122223333:role/responder", "RoleSessionName": "ir-cred", "DurationSeconds": 900, "Tags": [{"Key": "case", "Value": "1"}]}),
    ("ec2", "describe_instances", {"Filters": [{"Name": "iam-instance-profile.arn", "Values": ["arn:aws:iam::111122223333:instance-profile/web*"]}], "MaxResults": 5}),
    ("ec2", "create_snapshots", {"InstanceSpecification": {"InstanceId": "i-0123456789abcdef0", "ExcludeBootVolume": False}, "TagSpecifications": [{"ResourceType": "snapshot", "Tags": [{"Key": "incident", "Value": "ü 1"}]}]}),
    ("ec2", "stop_instances", {"InstanceIds": ["i-0123456789abcdef0", "i-0123456789abcdef1"], "DryRun": True}),
    ("ssm", "send_command", {"DocumentName": "AWS-RunShellScript", "InstanceIds": ["i-0123456789abcdef0"], "Parameters": {"commands": ["echo 'é'", "exit 0"]}, "TimeoutSeconds": 60, "Comment": "ir-cred 1"}),
    ("detective", "start_investigation", {"GraphArn": "arn:aws:detective:us-east-1:111122223333:graph:0123456789abcdef0123456789abcdef", "EntityArn": "arn:aws:iam::111122223333:role/web-app", "ScopeStartTime": NOON, "ScopeEndTime": NOON + datetime.timedelta(hours=1)}),
    ("cloudtrail", "lookup_events", {"LookupAttributes": [{"AttributeKey": "AccessKeyId", "AttributeValue": "ASIA1"}], "StartTime": NOON, "MaxResults": 50}),
    ("organizations", "describe_account", {"AccountId": "111122223333"}),
    ("autoscaling", "describe_auto_scaling_instances", {"InstanceIds": ["i-0123456789abcdef0"]}),
]


class Kept(Exception):
    pass


def text(value):
    return value.decode() if isinstance(value, bytes) else str(value or "")


def without_this_machine(headers):
    """The signed headers and the signature; the user agent (never signed) without the operating system it names."""
    kept = {name: value for name, value in headers.items() if not name.startswith("amz-sdk-")}
    return kept | {"user-agent": f"Boto3/{boto3.__version__}"}


def record(service, method, parameters):
    client = boto3.client(service, region_name="us-east-1", aws_access_key_id=ACCESS_KEY, aws_secret_access_key=SECRET, aws_session_token=TOKEN, config=Config(retries={"total_max_attempts": 1}))
    kept = []

    def keep(request, **_):
        kept.append(request)
        raise Kept

    client.meta.events.register("before-send", keep)
    try:
        getattr(client, method)(**parameters)
    except Kept:
        pass
    request = kept[0]
    host, _, target = request.url.removeprefix("https://").partition("/")
    headers = {name.lower(): text(value) for name, value in request.headers.items()} | {"host": host}
    return {
        "operation": client.meta.method_to_api_mapping[method],
        "service": service,
        "method": request.method,
        "target": f"/{target}",
        "headers": without_this_machine(headers),
        "body": text(request.body),
    }


def main():
    credentials = {"accessKeyId": ACCESS_KEY, "secretAccessKey": SECRET, "sessionToken": TOKEN}
    wires = [record(*call) for call in CALLS]
    document = {"recordedWith": f"boto3 {boto3.__version__}", "credentials": credentials, "wires": wires}
    pathlib.Path("test/simulator/wire/golden-wires.json").write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


main()
