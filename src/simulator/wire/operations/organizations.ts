export {
  AttachPolicy$,
  CreatePolicy$,
  DescribeAccount$,
  DescribeOrganization$,
  DescribeOrganizationalUnit$,
  ListParents$,
  ListTagsForResource$,
} from '@aws-sdk/client-organizations'
