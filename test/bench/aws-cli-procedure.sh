#!/bin/sh
# The revocation by hand with the aws CLI, with the checks that a careful responder makes. Arguments: AWS key KEY, or AWS arn ARN.
set -e
aws=$1 how=$2 named=$3
text() { "$aws" --region "$AWS_REGION" --output text "$@"; }

text sts get-caller-identity >/dev/null
if [ "$how" = arn ]; then
  finding=${named##*/}
  detector=${named#*:detector/}
  detector=${detector%%/*}
else
  detector=$(text guardduty list-detectors --query 'DetectorIds[0]')
  criteria="{\"Criterion\":{\"resource.accessKeyDetails.accessKeyId\":{\"Eq\":[\"$named\"]}}}"
  finding=$(text guardduty list-findings --detector-id "$detector" --finding-criteria "$criteria" --query 'FindingIds[0]')
fi
role=$(text guardduty get-findings --detector-id "$detector" --finding-ids "$finding" --query 'Findings[0].Resource.AccessKeyDetails.UserName')
text iam get-role --role-name "$role" >/dev/null
text iam get-role-policy --role-name "$role" --policy-name AWSRevokeOlderSessions >/dev/null 2>&1 || true
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
deny="{\"Effect\":\"Deny\",\"Action\":[\"*\"],\"Resource\":[\"*\"],\"Condition\":{\"DateLessThan\":{\"aws:TokenIssueTime\":\"$now\"}}}"
text iam put-role-policy --role-name "$role" --policy-name AWSRevokeOlderSessions --policy-document "{\"Version\":\"2012-10-17\",\"Statement\":[$deny]}"
