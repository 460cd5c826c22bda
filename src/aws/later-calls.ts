import { ANY_ROLE, ANY_USER, type ApiCall, MANAGED_DENY, writeCall as write } from './api-call.ts'

const LIFT = 'lift-revocation'

/** The calls that no response makes unless it is asked for: `ir-cred lift` lifts what it changed, `--archive` archives the finding. */
export const laterCalls: readonly ApiCall[] = [
  write('guardduty', 'ArchiveFindings', 'archive-finding', 'the finding is archived at the end'),
  write('iam', 'DeleteRolePolicy', LIFT, 'a deny on a role is deleted where no policy stood there before', ANY_ROLE),
  write('iam', 'DeleteUserPolicy', LIFT, 'a deny on a user is deleted where no policy stood there before', ANY_USER),
  write('iam', 'DetachRolePolicy', LIFT, 'a deny that is a managed policy is taken off the role', ANY_ROLE),
  write('iam', 'DeletePolicy', LIFT, 'a deny that is a managed policy is deleted', MANAGED_DENY),
]
