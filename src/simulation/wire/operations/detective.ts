export {
  GetInvestigation$,
  ListGraphs$,
  ListIndicators$,
  ListInvestigations$,
  StartInvestigation$,
} from '@aws-sdk/client-detective'
