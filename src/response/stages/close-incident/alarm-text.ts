import type { Span } from '../../../incident/values/block.ts'
import { delimited, SHOWN_IN_A_QUESTION } from '../../../incident/values/delimited.ts'
import { wholeSecond } from '../../../incident/values/instant.ts'
import { rawText, type Untrusted } from '../../../incident/values/untrusted.ts'

/** A span of a sentence as plain text. */
export const spanText = (span: Span | Untrusted): string => {
  if (typeof span === 'string') return span
  if ('untrusted' in span) return delimited(rawText(span), SHOWN_IN_A_QUESTION)
  return 'at' in span ? wholeSecond(span.at) : ''
}

/** A name in an alarm: alarms are plain text, so nothing that a terminal would obey may be in them. */
export const printableText = (text: string): string => text.replace(/[^\x20-\x7e’–…␊␠×]/g, '?').slice(0, 300)
