/** Made-up secrets, one of each kind that ir-cred redacts, none of which stands anywhere else. */
const CANARY = {
  secretKey: 'cAnArY0tnFEMI/K7MDENG+bPxRfiCYcAnArYKEY0',
  sessionToken: `IQoJb3JpZ2luX2Vj${'cAnArYtOkEn0'.repeat(12)}`,
  signature: 'c0ffee15bad0c0ffee15bad0c0ffee15bad0c0ffee15bad0c0ffee15bad0beef',
  password: 'cAnArY-p4ssw0rd!',
  privateKey: 'MIIEcAnArYkEyBoDy0123456789abcdefghijklmnopqrstuvwxyz',
  jsonWebToken: 'eyJhbGciOiJub25lIn0.eyJjYW5hcnkiOiJjQW5BcllKd1QifQ.c2lnY0FuQXJ5SndU',
  apiToken: 'ghp_cAnArY0123456789cAnArY0123456789',
} as const

const PEM = `-----BEGIN RSA PRIVATE KEY-----\n${CANARY.privateKey}\n-----END RSA PRIVATE KEY-----`

/** How each kind stands in texts that an attacker or a careless program writes. Access key ids stay. */
export const PLANTED: Readonly<Record<keyof typeof CANARY, readonly string[]>> = {
  secretKey: [
    `aws_secret_access_key = ${CANARY.secretKey}`,
    `AKIAIOSFODNN7EXAMPLE,${CANARY.secretKey}`,
    `{"SecretAccessKey": "${CANARY.secretKey}"}`,
  ],
  sessionToken: [`export AWS_SESSION_TOKEN=${CANARY.sessionToken}`, `token ${CANARY.sessionToken} end`],
  signature: [
    `https://b.s3.amazonaws.com/k?X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20261125%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Signature=${CANARY.signature}&x=1`,
  ],
  password: [
    `db.password=${CANARY.password}`,
    `postgres://app:${CANARY.password}@db/prod`,
    `tool --db-password ${CANARY.password} --fast`,
    `Server=db;Password=${CANARY.password};Database=x`,
    `echo "root:${CANARY.password}" | chpasswd`,
  ],
  privateKey: [PEM, JSON.stringify({ key: PEM }), Buffer.from(PEM).toString('base64')],
  jsonWebToken: [`Authorization: Bearer ${CANARY.jsonWebToken}`, `kubeconfig token: ${CANARY.jsonWebToken}`],
  apiToken: [`remote https://x:${CANARY.apiToken}@github.com/a/b`, `GITHUB_TOKEN=${CANARY.apiToken}`],
}

/** The canaries as they may be found in a file: as they are, and in base64 in its three alignments. */
const FORMS = Object.values(CANARY).flatMap((secret) => [
  secret,
  ...[0, 1, 2].map((skip) =>
    Buffer.from(secret)
      .subarray(skip, skip + 12)
      .toString('base64')
      .slice(0, 16),
  ),
])

/** The canaries that stand in a text. */
export const canariesIn = (text: string): readonly string[] => FORMS.filter((secret) => text.includes(secret))

/** All planted texts, as lines. */
export const everyCanary: string = Object.values(PLANTED).flat().join('\n')
