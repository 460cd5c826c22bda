"""The whole job by hand on user-key, as a trainee does it with boto3. Reads the line of `simulate --json` from its input; prints JSON."""

import datetime
import json

from account import account, client, refusal, until

responder, stolen = account["credentials"]["responder"], account["credentials"]["attacker"]
guardduty, iam, sts, trail = (client(service, responder) for service in ("guardduty", "iam", "sts", "cloudtrail"))
told = {"account": sts.get_access_key_info(AccessKeyId=stolen["accessKeyId"])["Account"]}
minted = client("sts", stolen).get_session_token(DurationSeconds=3600)["Credentials"]
session = {"accessKeyId": minted["AccessKeyId"], "secretAccessKey": minted["SecretAccessKey"], "sessionToken": minted["SessionToken"]}
told["before"] = [refusal(client("ec2", keys).describe_instances) for keys in (stolen, session)]

# 1. Whose key it is, where it was used, and what the user may do.
[detector] = guardduty.list_detectors()["DetectorIds"]
[finding] = guardduty.get_findings(DetectorId=detector, FindingIds=[account["findingId"]])["Findings"]
user = finding["Resource"]["AccessKeyDetails"]["UserName"]
told["user"] = user
told["usedBy"] = iam.get_access_key_last_used(AccessKeyId=stolen["accessKeyId"])["UserName"]
told["keys"] = [key["Status"] for key in iam.list_access_keys(UserName=user)["AccessKeyMetadata"]]
told["policies"] = iam.list_user_policies(UserName=user)["PolicyNames"]
iam.get_user_policy(UserName=user, PolicyName="deploy")
told["attached"] = iam.list_attached_user_policies(UserName=user)["AttachedPolicies"]
told["groups"] = iam.list_groups_for_user(UserName=user)["Groups"]
told["password"] = refusal(iam.get_login_profile, UserName=user)
told["mfa"] = iam.list_mfa_devices(UserName=user)["MFADevices"]
by_key = [{"AttributeKey": "AccessKeyId", "AttributeValue": stolen["accessKeyId"]}]
calls = [json.loads(event["CloudTrailEvent"]) for event in trail.lookup_events(LookupAttributes=by_key)["Events"]]
told["addresses"] = sorted({call["sourceIPAddress"] for call in calls})

# 2. The key inactive, and a dated deny for what was taken with it.
iam.update_access_key(UserName=user, AccessKeyId=stolen["accessKeyId"], Status="Inactive")
now = datetime.datetime.strptime(iam.get_user(UserName=user)["ResponseMetadata"]["HTTPHeaders"]["date"], "%a, %d %b %Y %H:%M:%S %Z")
cutoff = (now + datetime.timedelta(seconds=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
deny = {"Effect": "Deny", "Action": ["*"], "Resource": ["*"], "Condition": {"DateLessThan": {"aws:TokenIssueTime": cutoff}}}
document = json.dumps({"Version": "2012-10-17", "Statement": [deny]})
iam.put_user_policy(UserName=user, PolicyName="AWSRevokeOlderSessions", PolicyDocument=document)
until(lambda: all(refusal(client("ec2", keys).describe_instances) for keys in (stolen, session)))
told["after"] = [refusal(client("ec2", keys).describe_instances) for keys in (stolen, session)]
told["status"] = [key["Status"] for key in iam.list_access_keys(UserName=user)["AccessKeyMetadata"]]

# 3. CloudTrail shows the refusals of the session; the inactive key's leave no record. Then the finding is archived.
by_session = [{"AttributeKey": "AccessKeyId", "AttributeValue": session["accessKeyId"]}]


def refused():
    events = [json.loads(event["CloudTrailEvent"]) for event in trail.lookup_events(LookupAttributes=by_session)["Events"]]
    return [event["errorCode"] for event in events if "errorCode" in event]


told["recorded"] = until(refused)[0]
guardduty.archive_findings(DetectorId=detector, FindingIds=[account["findingId"]])
[finding] = guardduty.get_findings(DetectorId=detector, FindingIds=[account["findingId"]])["Findings"]
told["archived"] = finding["Service"]["Archived"]
print(json.dumps(told))
