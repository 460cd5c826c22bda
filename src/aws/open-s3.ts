import type { S3Client } from '@aws-sdk/client-s3'
import { type ClientConfig, openClient } from './open-clients.ts'

/** Opens the S3 client of a Region. Its code is loaded here and now: who reads no bucket never loads it. */
export const openS3 = async (region: string, config: ClientConfig): Promise<S3Client> => {
  const { S3Client } = await import('@aws-sdk/client-s3')
  const Client = class extends S3Client {
    constructor(settings: ConstructorParameters<typeof S3Client>[0]) {
      super({
        ...settings,
        // A bucket's name in front of an endpoint's would be another host.
        forcePathStyle: config.endpoint !== undefined,
        // gzip has a checksum of its own, and S3's are computed in JavaScript.
        responseChecksumValidation: 'WHEN_REQUIRED',
      })
    }
  }
  return openClient<S3Client>('s3', Client, region, config)
}
