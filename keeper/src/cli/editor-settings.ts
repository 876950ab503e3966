import jsonc, { type ParseError } from 'jsonc-parser'

/** A schema file and the config files it is for. Both paths are seen from the workspace. */
export interface Association {
  readonly url: string
  /** Path without extension. */
  readonly stem: string
  /** `*` in the stem stands for anything. */
  readonly isPattern?: boolean
}

const options = { formattingOptions: { insertSpaces: true, tabSize: 2 } }

/**
 * VS Code's settings with the associations among `json.schemas` and `yaml.schemas`, in place of those whose schemas
 * stand below `base` already. Everything else stays as it is written. Undefined when the text is no JSON object.
 */
export function mergeSettings(text: string, base: string, associations: readonly Association[]): string | undefined {
  const errors: ParseError[] = []
  const settings: unknown = jsonc.parse(text, errors, { allowTrailingComma: true, allowEmptyContent: true })
  if (errors.length > 0 || (settings !== undefined && !isRecord(settings))) return undefined
  const own = (url: unknown) => typeof url === 'string' && url.replace(/^\.?\//, '').startsWith(`${base}/`)
  const { 'json.schemas': jsonSchemas, 'yaml.schemas': yamlSchemas } = settings ?? {}
  const json = [
    ...(Array.isArray(jsonSchemas) ? jsonSchemas.filter((entry) => !own(entry?.url)) : []),
    ...associations.map((one) => ({ fileMatch: patterns(one, ['json', 'jsonc'], '/'), url: `./${one.url}` })),
  ]
  const yaml = Object.fromEntries([
    ...Object.entries(isRecord(yamlSchemas) ? yamlSchemas : {}).filter(([url]) => !own(url)),
    ...associations.map((one) => [`./${one.url}`, patterns(one, ['yaml', 'yml'], '')]),
  ])
  const whole = settings === undefined ? '{}\n' : text
  return [
    ['json.schemas', json],
    ['yaml.schemas', yaml],
  ].reduce((now, [key, value]) => jsonc.applyEdits(now, jsonc.modify(now, [key as string], value, options)), whole)
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Globs: characters that mean something in one become `?`, any character. */
const patterns = ({ stem, isPattern }: Association, extensions: readonly string[], start: string): string[] => {
  const escaped = stem.replace(isPattern ? /[?[\]{}!]/g : /[*?[\]{}!]/g, '?')
  return extensions.map((extension) => `${start}${escaped}.${extension}`)
}
