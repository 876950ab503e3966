/**
 * A plan as a file: what `keeper plan --out` saw, with the very files it saw, for `keeper apply` to do that or nothing.
 * One line of JSON for the head, one for each file, one with the sum of all before it.
 */

import { createHash } from 'node:crypto'
import { open, readFile, rename, rm } from 'node:fs/promises'
import type { ApplyHeader } from '@keeper/proto'
import { KeeperError } from '../base/errors.js'
import type { SourceTree } from '../compile/types.js'

const FORMAT = 1

export interface PlanFile {
  /** As the apply shall send it, with what was planned. */
  readonly header: ApplyHeader
  readonly tree: SourceTree
  /** For people. */
  readonly directory: string
  readonly madeAt: string
}

/** Replaces `path` as a whole; readable by its owner alone, for it holds the directory's texts. */
export async function writePlanFile(path: string, { header, tree, directory, madeAt }: PlanFile): Promise<void> {
  const lines = [
    JSON.stringify({ keeperPlan: FORMAT, madeAt, directory, header }),
    ...tree.files.map((file) =>
      JSON.stringify({ path: file.path, base64: Buffer.from(file.bytes).toString('base64') }),
    ),
  ]
  const hash = createHash('sha256')
  const temporary = `${path}.${process.pid}.tmp`
  const file = await open(temporary, 'wx', 0o600)
  try {
    for (const line of lines) {
      hash.update(`${line}\n`)
      await file.writeFile(`${line}\n`)
    }
    await file.writeFile(`${JSON.stringify({ sha256: hash.digest('hex') })}\n`)
    await file.close()
    await rename(temporary, path)
  } catch (error) {
    await file.close().catch(() => {})
    await rm(temporary, { force: true })
    throw error
  }
}

/** Rejects E_INVALID_ARGUMENT for a file that is no plan, is cut or was changed. */
export async function readPlanFile(path: string): Promise<PlanFile> {
  const text = await readFile(path, 'utf8')
  const end = text.lastIndexOf('\n', text.length - 2)
  const body = text.slice(0, end + 1)
  const [head, ...files] = body
    .split('\n')
    .slice(0, -1)
    .map((line) => parsed(path, line))
  if (head?.keeperPlan === undefined) throw noPlan(path, 'it is no plan: `keeper plan DIR --out FILE` makes one')
  if (head.keeperPlan !== FORMAT) throw noPlan(path, `it has format ${String(head.keeperPlan)}: make it again`)
  const { sha256 } = parsed(path, text.slice(end + 1))
  if (sha256 !== createHash('sha256').update(body).digest('hex')) throw noPlan(path, 'it is cut, or was changed')
  return {
    header: head.header as ApplyHeader,
    directory: String(head.directory),
    madeAt: String(head.madeAt),
    tree: {
      files: files.map((file) => ({ path: String(file.path), bytes: Buffer.from(String(file.base64), 'base64') })),
      problems: [],
    },
  }
}

function parsed(path: string, line: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch {
    // Said below.
  }
  throw noPlan(path, 'it is no plan: `keeper plan DIR --out FILE` makes one')
}

const noPlan = (path: string, why: string): KeeperError =>
  new KeeperError('E_INVALID_ARGUMENT', `cannot read the plan ${path}: ${why}`, { path })
