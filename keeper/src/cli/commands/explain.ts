import type { ExplainedLayer__Output, ExplainResponse__Output, Explanation__Output } from '@keeper/proto'
import { Command } from 'commander'
import { oneLine } from '../../base/one-line.js'
import { parseAs } from '../arguments.js'
import { withContext } from '../context.js'
import { type Output, paint } from '../output.js'
import { plain } from '../plain.js'
import { cut } from '../published.js'

/** `keeper explain`: where a value came from. */
export function explainCommand(): Command {
  return new Command('explain')
    .description(
      'where a live value came from: file and line, overlay, reference or default, and what it was laid over',
    )
    .argument('<name#/pointer>', 'a value of a config, e.g. push/room#/redis/addr; without a pointer all of them')
    .option('--as <who>', 'whose value: an instance (room-7) or labels (cluster=push,role=room,zone=bj)')
    .addHelpText(
      'after',
      '\nExamples:\n  keeper explain push/room#/redis/addr --as room-7\n  keeper explain push/room --as cluster=push,role=room,zone=bj',
    )
    .action(
      withContext<{ as?: string }, [string]>(async ({ client, output, namespace }, [which], options) => {
        const [name = '', pointer = ''] = which.split(/#(.*)/s)
        const request = { namespace, name, pointer, ...parseAs(options.as) }
        const found = await client.call<ExplainResponse__Output>('changes', 'Explain', request)
        if (output.json) output.value(plain(found))
        else print(output, found, name)
        return 0
      }),
    )
}

function print(output: Output, found: ExplainResponse__Output, name: string): void {
  for (const value of found.values) for (const line of explanationLines(output, value, '')) output.line(line)
  const { revision, action, author, reason, source, wallMs } = found
  const when = wallMs === '0' ? '' : ` since ${new Date(Number(wallMs)).toISOString()}`
  const by = author === '' ? '' : ` · ${action} by ${author}${reason === '' ? '' : `: ${oneLine(reason)}`} (${source})`
  output.line(paint(output, 'dim', `${name} r${revision}${when}${by}`))
}

function explanationLines(
  output: Output,
  { name, pointer, valueJson, layers, refs }: Explanation__Output,
  indent: string,
): string[] {
  const [from, ...below] = layers
  const value = valueJson === '' ? 'not there' : cut(valueJson)
  return [
    `${indent}${paint(output, 'bold', `${indent === '' ? '' : name}${indent === '' && pointer !== '' ? '' : '#'}${pointer}`)} ${value}`,
    ...(from ? [`${indent}  ${from.effect === 'deleted' ? 'deleted in' : 'from'} ${layerWords(output, from)}`] : []),
    ...refs.flatMap(({ from: target }) => (target ? explanationLines(output, target, `${indent}    `) : [])),
    ...below.map((layer) => `${indent}  over ${layerWords(output, layer)}`),
  ]
}

function layerWords(
  output: Output,
  { kind, file, line, column, pointer, when, effect, valueJson }: ExplainedLayer__Output,
): string {
  const place = line > 0 ? `${file}:${line}:${column}` : file
  const labels = Object.entries(when).map(([label, value]) => `${label}=${value}`)
  const words = [
    kind === 'default' ? 'the default of the schema' : '',
    labels.length > 0 ? `overlay ${labels.join(',')}` : '',
    effect === 'merged' ? 'merged' : '',
    effect === 'deleted' ? '' : paint(output, 'dim', cut(valueJson)),
  ].filter(Boolean)
  return `${place}${pointer === '' ? '' : ` ${pointer}`}${words.length > 0 ? `  ${words.join(' · ')}` : ''}`
}
