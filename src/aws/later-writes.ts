/** How a row of the table of calls is made. */
type WriteRow<C> = (service: string, operation: string, stages: string, why: string, resource?: string) => C

const LIFT = 'lift-revocation'

/** The writes that are asked for after a response, as rows of the table of calls. */
export const laterWrites = <C>(
  write: WriteRow<C>,
  { role, user, managedDeny }: { readonly role: string; readonly user: string; readonly managedDeny: string },
): readonly C[] => [
  write('guardduty', 'ArchiveFindings', 'archive-finding', 'the finding is archived at the end'),
  write('iam', 'DeleteRolePolicy', LIFT, 'a deny on a role is deleted where no policy stood there before', role),
  write('iam', 'DeleteUserPolicy', LIFT, 'a deny on a user is deleted where no policy stood there before', user),
  write('iam', 'DetachRolePolicy', LIFT, 'a deny that is a managed policy is taken off the role', role),
  write('iam', 'DeletePolicy', LIFT, 'a deny that is a managed policy is deleted', managedDeny),
]
