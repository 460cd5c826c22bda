import { type Block, list, text } from '../incident/values/block.ts'

/**
 * Where ir-cred relies on something that its authors know from AWS's documentation or from public records, and have not
 * tried on a real account. It belongs into every report: a reader must know which parts stand on paper.
 */
export const neverVerifiedBlocks: readonly Block[] = [
  text('ir-cred relies on the following as AWS documents it or as public records show it; it was never tried on a real account:'),
  list([
    'what the metadata service means exactly by LastUpdated',
    'that both sets of credentials, those of IMDSv1 and of IMDSv2, are new after a stop and a start, and what a resume from hibernation does',
    'that SimulatePrincipalPolicy answers as IAM does for a context key that is a date',
    'whether the Systems Manager agent falls back to Default Host Management after it was denied, and how long it uses a stale credential file',
    'a deny of one instance only (aws:userid together with a date)',
    'how long a policy takes to reach every endpoint',
    'whether Kubernetes tokens made with the role outlive the deny',
    'that GuardDuty joins the criteria of several fields with AND',
    'the error codes of a stop that is refused',
    'whether the links into the Detective console count time in seconds or in milliseconds',
  ]),
]
