/** 64 bits of a text, as 16 hexadecimal digits: enough to tell records apart that CloudTrail gave no id. */
export const fingerprint = (text: string): string =>
  hash64(text)
    .map((half) => half.toString(16).padStart(8, '0'))
    .join('')

/** Two independent halves of 32 bits (cyrb53 by bryc, public domain, without its last step to 53 bits). */
export const hash64 = (text: string): readonly [number, number] => {
  let low = 0xdeadbeef
  let high = 0x41c6ce57
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i)
    low = Math.imul(low ^ unit, 2_654_435_761)
    high = Math.imul(high ^ unit, 1_597_334_677)
  }
  low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909)
  high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909)
  return [low >>> 0, high >>> 0]
}
