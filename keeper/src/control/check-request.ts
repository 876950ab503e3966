import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import type { PublishRequest, ReleaseRequest, RollbackRequest, UndoRequest, VerdictRequest } from './types.js'

const CONTROL = /\p{Cc}/u

/** Throws E_INVALID_ARGUMENT for what may not stand in a record. */
export function checkPublish(request: PublishRequest): void {
  checkWord('source', request.source)
  checkText(request)
}

export function checkRollback(request: Pick<RollbackRequest, 'name' | 'author' | 'reason'>): void {
  checkWord('name', request.name)
  checkText(request)
}

export function checkUndo(request: Pick<UndoRequest, 'changeSet' | 'author' | 'reason'>): void {
  if (request.changeSet !== '') checkWord('change set', request.changeSet)
  checkText(request)
}

export function checkRelease({ name, author = '' }: ReleaseRequest): void {
  checkWord('name', name)
  checkText({ author, reason: '' })
}

export function checkVerdict(request: VerdictRequest): void {
  checkWord('id', request.id)
  checkText(request)
}

function checkWord(what: string, text: string): void {
  if (text === '') throw new KeeperError('E_INVALID_ARGUMENT', `${what} is empty`)
  if (Buffer.byteLength(text) > limits.nameBytesMax) throw tooLong(what, limits.nameBytesMax)
  if (CONTROL.test(text)) throw new KeeperError('E_INVALID_ARGUMENT', `${what} has control characters`)
}

/** A reason may have lines, as a commit's message has. */
export function checkText({ author, reason }: { author: string; reason: string }): void {
  if (author !== '') checkWord('author', author)
  if (Buffer.byteLength(reason) > limits.reasonBytesMax) throw tooLong('reason', limits.reasonBytesMax)
}

const tooLong = (what: string, bytesMax: number): KeeperError =>
  new KeeperError('E_INVALID_ARGUMENT', `${what} is longer than ${bytesMax} bytes`)
