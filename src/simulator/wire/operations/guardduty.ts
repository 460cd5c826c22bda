export {
  ArchiveFindings$,
  CreateSampleFindings$,
  GetDetector$,
  GetFindings$,
  GetThreatIntelSet$,
  ListDetectors$,
  ListFindings$,
  ListThreatIntelSets$,
  UnarchiveFindings$,
  UpdateFindingsFeedback$,
} from '@aws-sdk/client-guardduty'
