export {
  ArchiveFindings$,
  CreateSampleFindings$,
  GetDetector$,
  GetFindings$,
  GetFindingsStatistics$,
  GetThreatIntelSet$,
  ListDetectors$,
  ListFindings$,
  ListThreatIntelSets$,
  UnarchiveFindings$,
  UpdateFindingsFeedback$,
} from '@aws-sdk/client-guardduty'
