export {
  CreatePodIdentityAssociation$,
  DeletePodIdentityAssociation$,
  DescribeCluster$,
  DescribePodIdentityAssociation$,
  ListClusters$,
  ListPodIdentityAssociations$,
  UpdatePodIdentityAssociation$,
} from '@aws-sdk/client-eks'
