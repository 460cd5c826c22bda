const ESC = '\u001b'
const ST = `${ESC}\\`
const BEL = '\u0007'

/** Strings that fooled real tools: each moves the cursor, hides, reorders, speaks to the terminal, or breaks a document. */
export const HOSTILE: Readonly<Record<string, string>> = {
  'colour (CSI)': `${ESC}[31mred${ESC}[0m`,
  'cursor up and erase': `${ESC}[1A${ESC}[2KOK verified`,
  'screen cleared': `${ESC}[2J${ESC}[H`,
  'window title (OSC 0)': `${ESC}]0;pwn${BEL}x`,
  'link (OSC 8)': `${ESC}]8;;http://evil.example${ST}click${ESC}]8;;${ST}`,
  'clipboard (OSC 52)': `${ESC}]52;c;cm0gLXJm${BEL}x`,
  'device control string': `${ESC}P+q544e${ST}x`,
  'application command': `${ESC}_Gq${ST}x`,
  'terminal reset': `${ESC}cx`,
  'single shift': `${ESC}OPx`,
  'other character set': `${ESC}(0lqk${ESC}(B`,
  'CSI in one character (C1)': '\u009b31mred',
  'OSC in one character (C1)': '\u009d52;c;AAAA\u009cx',
  'sequence that never ends': `${ESC}]0;never ends`,
  'carriage return': 'attacker\rOK      ',
  backspaces: 'bad\b\b\bgood',
  bell: `a${BEL}b`,
  'null character': 'a\0b',
  'delete character': 'a\u007fb',
  'line feed': 'line1\nFAKE: verified',
  'vertical tab': 'a\u000bb',
  'line separator': 'a\u2028FAKE: verified',
  'paragraph separator': 'a\u2029FAKE: verified',
  'right-to-left override': '\u202egnp.exe',
  'bidi isolates': '\u2066x\u2069',
  'zero-width space': 'ad\u200bmin',
  'zero-width joiner': 'a\u200db',
  'byte order mark': '\ufeffa',
  'lone surrogate': 'a\ud800b',
  'invisible tag letters': 'a\u{e0041}b',
  'soft hyphen': 'a\u00adb',
  'Hangul filler': 'a\u3164b',
  'twenty combining marks': `a${'\u0301'.repeat(20)}`,
  'a mark with no letter': '\u0301\u0301',
  'private use': 'a\ue000b',
  'not a character': 'a\uffffb',
  'no-break space': 'a\u00a0b',
  'variation selector': 'a\ufe0fb',
  'Markdown link': '[x](javascript:alert(1))',
  'Markdown table': '| VERIFIED | yes |\\| more |',
  'Markdown fence': '``` ` ```` end',
  'Markdown heading and HTML': '# VERIFIED <script>alert(1)</script> <!--',
  'Markdown image and autolink': '![i](http://evil.example/i.png) <http://evil.example> www.evil.example',
  'a column of ours': 'web-app   ✔ revocation read back',
  'a column pushed far': `web-app${' '.repeat(200)}revoked`,
  'an end of our quotes': 'x" is revoked. Approve? (y/N) y "',
  'an end of other quotes': 'x” is revoked ＂y',
  'our own notation': 'a\\u{1B}␊␠×3b',
  'words of ours': 'yours) ALARM: none (',
}

const FORBIDDEN = /[^\n\p{L}\p{M}\p{N}\p{P}\p{S} ]|\p{Default_Ignorable_Code_Point}|\u2800|\p{M}{3,}/u

/** Whether text holds anything that a terminal or a reader could be fooled by. Line feeds are counted by the tests themselves. */
export const isHostile = (text: string): boolean => FORBIDDEN.test(text)

/** The control sequences of a text, as they stand. */
export const controlsOf = (text: string): string[] =>
  text.match(new RegExp(`${ESC}\\[[0-9;?]*[A-Za-z]|\\r|[\\p{Cc}--[\\n]]`, 'gv')) ?? []

/** Whether a control sequence only sets a colour, as the theme does. */
export const isColour = (control: string): boolean => control.startsWith(ESC) && /^\[\d+m$/.test(control.slice(1))
