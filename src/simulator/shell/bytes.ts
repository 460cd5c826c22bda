/** Every byte, as the character that stands for it. */
export const ALL_BYTES = Array.from({ length: 256 }, (_byte, code) => String.fromCharCode(code))
const CLASSES: ReadonlyMap<string, RegExp> = new Map(
  Object.entries({
    alpha: /[A-Za-z]/,
    digit: /\d/,
    alnum: /[A-Za-z0-9]/,
    upper: /[A-Z]/,
    lower: /[a-z]/,
    space: /[ \t\n\v\f\r]/,
    blank: /[ \t]/,
    punct: /[!-/:-@[-`{-~]/,
    xdigit: /[A-Fa-f0-9]/,
    print: /[ -~]/,
    cntrl: /[^ -~\x80-\xff]/,
  }),
)

/** The bytes that a class such as `[:space:]` holds, in the C locale; undefined for a class that is none. */
export const classBytes = (name: string): string[] | undefined => {
  const member = CLASSES.get(name)
  return member && ALL_BYTES.filter((byte) => member.test(byte))
}
