/** An EBS volume of an instance. */
export interface InstanceVolume {
  readonly id: string
  readonly device: string
  readonly deleteOnTermination: boolean
}

/** Of `kmsKeys` those of which KMS says that you manage them, and those that AWS does. Of any other it is not known. */
export interface InstanceStorage {
  readonly instanceStoreGb?: number
  readonly kmsKeys: readonly string[]
  readonly customerKeys?: readonly string[]
  readonly awsKeys?: readonly string[]
}
