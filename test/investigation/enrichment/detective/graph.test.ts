import { DetectiveClient, GetMembersCommand, ListGraphsCommand, ListInvitationsCommand } from '@aws-sdk/client-detective'
import { beforeEach, describe, expect, it } from 'vitest'
import { behaviourGraph } from '../../../../src/investigation/enrichment/detective/graph.ts'
import { ADMINISTRATOR, connectionLike, graphOf, OWN } from '../../../support/detective-connection.ts'
import { mockClient } from '../../../support/mock-client.ts'
import { awsError } from '../../../support/stage-context.ts'

const detective = mockClient(DetectiveClient)
beforeEach(() => void detective.reset())

const graph = (parts: Parameters<typeof connectionLike>[0] = {}) => behaviourGraph(OWN, connectionLike(parts).connection)
const unavailable = async (parts: Parameters<typeof connectionLike>[0] = {}) => {
  const found = await graph(parts)
  if ('graph' in found) throw new Error(`there is a graph: ${found.graph.arn}`)
  return found.unavailable
}
const profile = { profile: 'security' }

describe('the behaviour graph', () => {
  it('is the Region’s, where this account administers one; nobody is asked about members', async () => {
    detective
      .on(ListGraphsCommand)
      .resolves({ GraphList: [{ Arn: graphOf(OWN), CreatedTime: new Date('2025-10-01T00:00:00Z') }] })
    expect(await graph()).toEqual({ graph: { arn: graphOf(OWN), createdAt: '2025-10-01T00:00:00Z', remarks: [] } })
    expect(detective.calls()).toHaveLength(1)
  })

  it('may stand on a second page', async () => {
    detective.on(ListGraphsCommand).resolves({ GraphList: [], NextToken: 'more' })
    detective.on(ListGraphsCommand, { NextToken: 'more' }).resolves({ GraphList: [{ Arn: graphOf(OWN) }] })
    expect(await graph()).toEqual({ graph: { arn: graphOf(OWN), remarks: [] } })
  })
})

describe('an account that administers no graph', () => {
  const invited = (...Invitations: object[]) => {
    detective.on(ListGraphsCommand).resolves({ GraphList: [] })
    detective.on(ListInvitationsCommand).resolves({ Invitations: Invitations as never })
  }

  it('is told which account administers the one it is a member of, and how that is asked', async () => {
    invited({ AdministratorId: '777788889999', Status: 'INVITED' }, { AdministratorId: ADMINISTRATOR, Status: 'ENABLED' })
    expect(await unavailable()).toEqual({
      why: `this account administers no Detective behaviour graph in us-east-1; it is a member of the graph of account ${ADMINISTRATOR}`,
      remedy: `name a profile of account ${ADMINISTRATOR} with --detective-profile <name>, then continue`,
    })
  })

  it('is told of an invitation that nobody has accepted', async () => {
    invited({ AdministratorId: ADMINISTRATOR, Status: 'INVITED' })
    expect((await unavailable()).why).toContain(
      `account ${ADMINISTRATOR} has invited it, and its membership has not begun (INVITED)`,
    )
  })

  it('is told of --detective-profile where there is neither', async () => {
    invited()
    expect(await unavailable()).toEqual({
      why: 'this account administers no Detective behaviour graph in us-east-1, and is a member of none',
      remedy: expect.stringContaining('--detective-profile'),
    })
  })

  it('is told what could not be learnt', async () => {
    invited()
    detective.on(ListInvitationsCommand).rejects(awsError('AccessDeniedException', 403))
    expect((await unavailable()).why).toMatch(/could not be learnt \(.*detective:ListInvitations is denied\)/)
  })

  it('is named by the profile it was asked with', async () => {
    invited()
    expect((await unavailable(profile)).why).toMatch(/^the account of profile security administers no/)
  })
})

describe('a graph of another account', () => {
  const member = (Status?: string, more: object = {}) => {
    detective.on(ListGraphsCommand).resolves({ GraphList: [{ Arn: graphOf(ADMINISTRATOR) }] })
    const MemberDetails = Status ? [{ AccountId: OWN, Status: Status as never, ...more }] : []
    detective.on(GetMembersCommand, { GraphArn: graphOf(ADMINISTRATOR), AccountIds: [OWN] }).resolves({ MemberDetails })
  }
  const arn = graphOf(ADMINISTRATOR)

  it('is asked when it has the incident’s account as a member', async () => {
    member('ENABLED')
    expect(await graph(profile)).toEqual({ graph: { arn, administrator: ADMINISTRATOR, remarks: [] } })
  })

  it('a graph of a member that delivers no data is asked, and that is said', async () => {
    member('ACCEPTED_BUT_DISABLED', { DisabledReason: 'VOLUME_TOO_HIGH' })
    expect(await graph(profile)).toMatchObject({
      graph: { remarks: [expect.stringMatching(/delivers no data now \(VOLUME_TOO_HIGH\)/)] },
    })
  })

  it('a graph that does not have the account as a member is the wrong account’s', async () => {
    member()
    expect(await unavailable(profile)).toEqual({
      why: `the graph of account ${ADMINISTRATOR} in us-east-1 does not have account ${OWN} as a member`,
      remedy: expect.stringMatching(/--detective-profile \(security is another’s\)/),
    })
  })

  it('a graph that has only invited the account has no data of it', async () => {
    member('INVITED')
    expect((await unavailable(profile)).why).toMatch(/is not yet a member .* INVITED$/)
  })

  it('a graph whose members may not be read is asked all the same, and that is said', async () => {
    member()
    detective.on(GetMembersCommand).rejects(awsError('AccessDeniedException', 403))
    expect(await graph(profile)).toMatchObject({
      graph: { remarks: [expect.stringMatching(/is not known: .*GetMembers is denied/)] },
    })
  })
})

describe('Detective says nothing', () => {
  const refused = (error: Error) => void detective.on(ListGraphsCommand).rejects(error)
  const notFound = () => Object.assign(new Error('getaddrinfo ENOTFOUND api.detective'), { code: 'ENOTFOUND' })

  it('the reason is that Detective is not available, in a Region without it', async () => {
    refused(notFound())
    expect((await unavailable({ region: 'cn-north-1', partition: 'aws-cn' })).why).toBe(
      'Detective is not available in cn-north-1',
    )
  })

  it('the reason is that its endpoint was not found, in a Region that has Detective', async () => {
    refused(notFound())
    expect((await unavailable()).why).toBe('Detective’s endpoint in us-east-1 was not found from here')
  })

  it('the reason is the profile’s credentials if its session has ended', async () => {
    refused(awsError('ExpiredTokenException', 403))
    expect(await unavailable(profile)).toEqual({
      why: expect.stringMatching(/^the credentials of profile security cannot be used for Detective: ExpiredTokenException/),
      remedy: expect.stringContaining('--detective-profile'),
    })
  })

  it('the end of the responder’s own session is an error that ends the run', async () => {
    refused(awsError('ExpiredTokenException', 403))
    await expect(unavailable()).rejects.toThrow('ExpiredTokenException')
  })

  it('an interruption is an error that ends the run', async () => {
    refused(Object.assign(new Error('aborted'), { name: 'AbortError' }))
    await expect(unavailable()).rejects.toThrow('aborted')
  })
})
