import type { Host } from '../host.ts'

/**
 * Points the SDK's two configuration files at the null device: it opens them even with fixed credentials, and a drill is to
 * read nothing of the responder's.
 */
export const readNoConfiguration = ({ env, nullDevice }: Host): void => {
  env.AWS_CONFIG_FILE = nullDevice
  env.AWS_SHARED_CREDENTIALS_FILE = nullDevice
}
