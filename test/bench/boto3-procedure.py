"""The revocation by hand in Python, with the checks that a careful responder makes. Arguments: key KEY, or arn ARN."""
import datetime, json, os, sys
import boto3

how, named = sys.argv[1:]
region = os.environ['AWS_REGION']
guardduty, iam, sts = (boto3.client(service, region_name=region) for service in ('guardduty', 'iam', 'sts'))
sts.get_caller_identity()
if how == 'arn':
    _, detector, _, finding = named.split(':')[5].split('/')
else:
    detector = guardduty.list_detectors()['DetectorIds'][0]
    criteria = {'Criterion': {'resource.accessKeyDetails.accessKeyId': {'Eq': [named]}}}
    finding = guardduty.list_findings(DetectorId=detector, FindingCriteria=criteria)['FindingIds'][0]
found = guardduty.get_findings(DetectorId=detector, FindingIds=[finding])['Findings'][0]
role = found['Resource']['AccessKeyDetails']['UserName']
iam.get_role(RoleName=role)
try:
    iam.get_role_policy(RoleName=role, PolicyName='AWSRevokeOlderSessions')
except iam.exceptions.NoSuchEntityException:
    pass
now = datetime.datetime.now(datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ')
deny = {'Effect': 'Deny', 'Action': ['*'], 'Resource': ['*'], 'Condition': {'DateLessThan': {'aws:TokenIssueTime': now}}}
iam.put_role_policy(RoleName=role, PolicyName='AWSRevokeOlderSessions', PolicyDocument=json.dumps({'Version': '2012-10-17', 'Statement': [deny]}))
