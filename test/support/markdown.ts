/** What a Markdown text shows as code, blocks and spans, each on lines of its own. */
export const codeIn = (markdown: string): string =>
  [...markdown.matchAll(/```[^`]*```|`[^`\n]+`/g)].map(([code]) => code).join('\n')
