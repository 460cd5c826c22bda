/** A value as an HCL expression: JSON is one, but for what begins a template in HCL's strings. */
const hcl = (value: unknown, indent: string): string =>
  JSON.stringify(value, null, 2)
    .replace(/([$%])(?=\{)/g, '$1$1')
    .replaceAll('\n', `\n${indent}`)

interface TerraformResource {
  readonly type: string
  readonly name: string
  /** Arguments that are text. */
  readonly texts: Readonly<Record<string, string>>
  /** The argument that holds JSON, and its value. */
  readonly json: readonly [argument: string, value: object]
  /** Sentences above the resource. */
  readonly comments: readonly string[]
}

/** One resource of Terraform's AWS provider, with its warnings as comments. */
export const terraformResource = ({ type, name, texts, json: [argument, value], comments }: TerraformResource): string =>
  [
    ...comments.map((line) => `# ${line}`),
    `resource "${type}" "${name}" {`,
    ...Object.entries(texts).map(([key, text]) => `  ${key} = ${hcl(text, '  ')}`),
    `  ${argument} = jsonencode(${hcl(value, '  ')})`,
    '}',
    '',
  ].join('\n')
