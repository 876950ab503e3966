import { within } from './audience.js'
import type { ConfigContext } from './config.js'
import { type ConfigGroup, filesOf } from './group.js'
import type { CompiledConfig } from './types.js'

/** What a config is whatever its values are: the same objects as long as its files and settings are. */
export type ConfigFrame = Pick<CompiledConfig, 'name' | 'audience' | 'files' | 'schemaHash'>

export function frameOf(group: ConfigGroup, context: ConfigContext): ConfigFrame {
  const under = `${context.forAll}\n${context.saidOf(group.name)}`
  const before = frames.get(group)
  if (before?.under === under) return before.frame
  const frame = newFrameOf(group, context)
  frames.set(group, { under, frame })
  return frame
}

const frames = new WeakMap<ConfigGroup, { readonly under: string; readonly frame: ConfigFrame }>()

function newFrameOf(group: ConfigGroup, context: ConfigContext): ConfigFrame {
  const [schema] = group.schemas
  return {
    name: group.name,
    audience: within(context.audienceOf(group.name), context.labels),
    files: filesOf(group).map(({ file, format }) => ({
      ...{ path: file.path, hash: context.hashOf(file) },
      ...(format === 'properties-flat' && { format }),
    })),
    ...(schema && { schemaHash: context.hashOf(schema.file) }),
  }
}
