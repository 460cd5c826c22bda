"""The whole job by hand on the standard scenario, as a trainee does it with boto3. Reads the line of `simulate --json` from its input; prints JSON."""

import datetime
import json

from account import account, client, refusal, until

responder, attacker, workload = (account["credentials"][who] for who in ("responder", "attacker", "workload"))
guardduty, iam, ec2, ssm, trail, s3 = (client(service, responder) for service in ("guardduty", "iam", "ec2", "ssm", "cloudtrail", "s3"))
told = {"before": refusal(client("s3", attacker).get_object, Bucket="acme-web-uploads", Key="customers.csv")}

# 1. The finding, and the others on the same key.
[detector] = guardduty.list_detectors()["DetectorIds"]
by_type = {"Criterion": {"type": {"Equals": ["UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom"]}, "service.archived": {"Equals": ["false"]}}}
newest = {"AttributeName": "updatedAt", "OrderBy": "DESC"}
ids = guardduty.list_findings(DetectorId=detector, FindingCriteria=by_type, SortCriteria=newest)["FindingIds"]
# Somebody has made sample findings too, which may be newer.
[finding] = [one for one in guardduty.get_findings(DetectorId=detector, FindingIds=ids)["Findings"] if not one["Title"].startswith("[SAMPLE]")][:1]
finding_id = finding["Id"]
key = finding["Resource"]["AccessKeyDetails"]
instance = finding["Resource"]["InstanceDetails"]["InstanceId"]
by_key = {"Criterion": {"resource.accessKeyDetails.accessKeyId": {"Equals": [key["AccessKeyId"]]}}}
told["findings"] = len(guardduty.list_findings(DetectorId=detector, FindingCriteria=by_key)["FindingIds"])
set_id = guardduty.list_threat_intel_sets(DetectorId=detector)["ThreatIntelSetIds"][0]
told["list"] = guardduty.get_threat_intel_set(DetectorId=detector, ThreatIntelSetId=set_id)["Name"]

# 2. Who it was issued to, what the role may do, who else uses it.
# CloudTrail shows a call after some minutes: the key may have been issued just now.
by_stolen_key = [{"AttributeKey": "ResourceName", "AttributeValue": key["AccessKeyId"]}]
[issue] = until(lambda: trail.lookup_events(LookupAttributes=by_stolen_key)["Events"])
told["issuedBy"] = json.loads(issue["CloudTrailEvent"])["userIdentity"]["invokedBy"]
role = iam.get_role(RoleName=key["UserName"])["Role"]
[rights] = iam.list_role_policies(RoleName=role["RoleName"])["PolicyNames"]
told["rights"] = iam.get_role_policy(RoleName=role["RoleName"], PolicyName=rights)["PolicyDocument"]["Statement"][0]["Action"]
[profile] = iam.list_instance_profiles_for_role(RoleName=role["RoleName"])["InstanceProfiles"]
of_profile = [{"Name": "iam-instance-profile.arn", "Values": [profile["Arn"]]}]
told["instances"] = sum(len(one["Instances"]) for one in ec2.describe_instances(Filters=of_profile)["Reservations"])
told["functions"] = [one["FunctionName"] for one in client("lambda", responder).list_functions()["Functions"] if one["Role"] == role["Arn"]]
told["buckets"] = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]

# 3. The deny, which spreads.
now = datetime.datetime.strptime(iam.get_role(RoleName=role["RoleName"])["ResponseMetadata"]["HTTPHeaders"]["date"], "%a, %d %b %Y %H:%M:%S %Z")
cutoff = (now + datetime.timedelta(seconds=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
deny = {"Effect": "Deny", "Action": ["*"], "Resource": ["*"], "Condition": {"DateLessThan": {"aws:TokenIssueTime": cutoff}}}
document = json.dumps({"Version": "2012-10-17", "Statement": [deny]})
iam.put_role_policy(RoleName=role["RoleName"], PolicyName="AWSRevokeOlderSessions", PolicyDocument=document)
until(lambda: refusal(client("ec2", attacker).describe_instances))
told["after"] = [
    refusal(client("ec2", attacker).describe_instances),
    refusal(client("s3", attacker).get_object, Bucket="acme-web-uploads", Key="customers.csv"),
    refusal(client("ec2", workload).describe_instances),
]

# 4. The hole, the evidence, a stop and a start.
ec2.modify_instance_metadata_options(InstanceId=instance, HttpTokens="required", HttpPutResponseHopLimit=1)
volumes = ec2.describe_volumes(Filters=[{"Name": "attachment.instance-id", "Values": [instance]}])["Volumes"]
snapshots = [ec2.create_snapshot(VolumeId=volume["VolumeId"], Description="evidence")["SnapshotId"] for volume in volumes]
until(lambda: all(one["State"] == "completed" for one in ec2.describe_snapshots(SnapshotIds=snapshots)["Snapshots"]))
told["console"] = "Output" in ec2.get_console_output(InstanceId=instance)
told["isProtected"] = ec2.describe_instance_attribute(InstanceId=instance, Attribute="disableApiStop")["DisableApiStop"]["Value"]


def state():
    [reservation] = ec2.describe_instances(InstanceIds=[instance])["Reservations"]
    return reservation["Instances"][0]["State"]["Name"]


ec2.stop_instances(InstanceIds=[instance])
until(lambda: state() == "stopped")
ec2.start_instances(InstanceIds=[instance])
until(lambda: state() == "running")

# 5. What the instance has now. The agent is heard a while after the start.
script = (
    'T=$(curl -s -X PUT "http://169.254.169.254/latest/api/token" -H "X-aws-ec2-metadata-token-ttl-seconds: 60"); '
    f'curl -s -H "X-aws-ec2-metadata-token: $T" http://169.254.169.254/latest/meta-data/iam/security-credentials/{role["RoleName"]}'
    " | grep AccessKeyId"
)


def heard():
    [one] = ssm.describe_instance_information(Filters=[{"Key": "InstanceIds", "Values": [instance]}])["InstanceInformationList"] or [{}]
    return one.get("PingStatus") == "Online"


until(heard)
command = ssm.send_command(InstanceIds=[instance], DocumentName="AWS-RunShellScript", Parameters={"commands": [script]})["Command"]


def answer():
    code = refusal(ssm.get_command_invocation, CommandId=command["CommandId"], InstanceId=instance)
    if code == "InvocationDoesNotExist":
        return None
    found = ssm.get_command_invocation(CommandId=command["CommandId"], InstanceId=instance)
    return found if found["Status"] == "Success" else None


fresh = until(answer)["StandardOutputContent"].split('"')[3]
told["isFresh"] = fresh.startswith("ASIA") and fresh != key["AccessKeyId"]

# 6. CloudTrail shows the issue of the new key, and the attacker's refusals. Then the finding is archived.
told["reissuedBy"] = json.loads(
    until(lambda: trail.lookup_events(LookupAttributes=[{"AttributeKey": "ResourceName", "AttributeValue": fresh}])["Events"])[0]["CloudTrailEvent"]
)["userIdentity"]["invokedBy"]
logs = client("logs", responder)
[group] = logs.describe_log_groups()["logGroups"]
pattern = '{ $.userIdentity.accessKeyId = "%s" && $.errorMessage = "*explicit deny*" }' % key["AccessKeyId"]
told["refusals"] = bool(until(lambda: logs.filter_log_events(logGroupName=group["logGroupName"], filterPattern=pattern)["events"]))
guardduty.archive_findings(DetectorId=detector, FindingIds=[finding_id])
told["isArchived"] = finding_id not in guardduty.list_findings(DetectorId=detector, FindingCriteria=by_type)["FindingIds"]
print(json.dumps(told))
