export {
  GetInvestigation$,
  GetMembers$,
  ListGraphs$,
  ListIndicators$,
  ListInvestigations$,
  ListInvitations$,
  StartInvestigation$,
} from '@aws-sdk/client-detective'
