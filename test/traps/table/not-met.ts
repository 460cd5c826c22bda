/** Situations that are no run of the table, and why: most because the product cannot meet them yet. */
export interface NotMet {
  readonly ids: readonly string[]
  readonly situation: string
  readonly why: string
}

export const notMet: readonly NotMet[] = [
  {
    ids: ['R5', 'A2', 'F09'],
    situation: 'The key is root’s or another account’s, and whose it is has to be found out',
    why: 'Of root’s key each step by hand is looked at, and another account’s is named with the place to go. Each has tests of its own part (test/response/subjects, test/response/stages/find-finding, test/traps/finding.sweep.test.ts); none is a whole run of the table.',
  },
  {
    ids: ['R8'],
    situation: 'One of several sessions of a role is stolen, and the others must live',
    why: 'The deny is for the whole role.',
  },
  {
    ids: ['R26'],
    situation:
      'The role is mapped to a Kubernetes cluster (EKS), or used for a login at Vault: a presigned GetCallerIdentity still authenticates there under the deny',
    why: 'It is said with the approval. ir-cred does not list the EKS access entries that map the role, and the simulated account has none.',
  },
  {
    ids: ['R28'],
    situation: 'Credentials were issued between the revocation and the stop',
    why: 'A second revocation is not offered.',
  },
  {
    ids: ['R14', 'N33', 'S9', 'S10', 'E8', 'N38', 'N39'],
    situation: 'The attacker is on the instance, and isolation takes more than a security group',
    why: 'ir-cred isolates nothing and takes no memory image. It leaves the instance alone and names the command (R29).',
  },
  {
    ids: ['S6'],
    situation: 'A stop that hangs has to be forced',
    why: 'The command is named with its risk (C01); ir-cred does not send it.',
  },
  {
    ids: ['S13', 'N41', 'A6'],
    situation: 'Other instances of the role, a whole group, a fleet are renewed',
    why: 'ir-cred restarts one instance. It prints the commands for the others (R31).',
  },
  {
    ids: ['A3', 'A4'],
    situation: 'Several accounts, each with rights of its own, or with service control policies',
    why: 'A response is in one account. Other accounts are named.',
  },
  {
    ids: ['N40'],
    situation: 'A trust policy that hands out new sessions',
    why: 'ir-cred finds it (R32) and prints the command. It does not edit trust policies.',
  },
  {
    ids: ['E3', 'E4', 'E9'],
    situation: 'Snapshots for a forensic account, protection against termination, a bucket for the case',
    why: 'Evidence stays in the account and in the incident’s directory.',
  },
  {
    ids: ['E10'],
    situation: 'The stolen key was also written into files and buckets',
    why: 'ir-cred does not search contents.',
  },
  {
    ids: ['I13', 'I15', 'V10'],
    situation: 'Detective or GuardDuty is silent because it has no baseline, or takes the theft for usual',
    why: 'Their answers are shown with their source. The simulated account does not model their training.',
  },
  {
    ids: ['I2', 'F01', 'I1'],
    situation: 'An event history of hundreds of thousands of calls at two pages a second',
    why: 'It is paced and continued, which takes minutes: test/investigation/sources/event-history holds it.',
  },
  {
    ids: ['E03', 'C11', 'R23', 'N31', 'F05', 'F07'],
    situation:
      'Hop limits, DNS records, a session without MFA, endpoints from a configuration, a command line without a terminal',
    why: 'Each has tests of its own part (test/smoke, test/cli); none is a whole run of the table.',
  },
]
