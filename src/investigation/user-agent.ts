import { redactText } from '../incident/values/redaction/redact-text.ts'
import { type Untrusted, untrusted } from '../incident/values/untrusted.ts'

/** Some tools write a user agent as a list. Secrets in it are redacted at once: calls are counted and cached by their user agents. */
export const agentOf = (value: unknown): Untrusted => {
  const text = Array.isArray(value) ? value.filter((part) => typeof part === 'string').join(', ') : value
  return typeof text === 'string' && text !== '' ? untrusted(redactedAgent(text)) : untrusted('unknown')
}

/** User agents without secrets, by what they are in the records: the same ones come again and again. */
const redactedAgents = new Map<string, string>()
const MOST_AGENTS = 5_000

const redactedAgent = (agent: string): string => {
  const known = redactedAgents.get(agent)
  if (known !== undefined) return known
  if (redactedAgents.size >= MOST_AGENTS) redactedAgents.clear()
  const redacted = redactText(agent)
  redactedAgents.set(agent, redacted)
  return redacted
}
