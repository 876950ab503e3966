import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { noCertificates, TestAuthority } from '../../test/harness/certificates.js'
import { systemClock } from './base/clock.js'
import { limits } from './base/limits.js'
import { silentLogger } from './base/logger.js'
import { FileCertificates } from './certificates.js'
import { listenHttp } from './console/http.js'
import { ManualClock } from './push/testing/manual-clock.js'

const missing = noCertificates()
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keeper-certificates-'))
})
afterEach(() => rm(folder, { recursive: true }))

describe.skipIf(missing)(`certificates out of files${missing ? ` (${missing})` : ''}`, () => {
  test('are shown without a restart when they are renewed, and stay what they were while the files are wrong', async () => {
    const authority = new TestAuthority(folder, 'house')
    const [first, second] = [authority.sign('first'), authority.sign('second')]
    const files = { cert: join(folder, 'live.pem'), key: join(folder, 'live.key'), mutual: false }
    const put = ({ cert, key }: typeof first) => Promise.all([copyFile(cert, files.cert), copyFile(key, files.key)])
    await put(first)
    const clock = new ManualClock()
    const certificates = new FileCertificates(files, clock, silentLogger)
    const sources = { notReady: () => undefined, metrics: async () => ({ contentType: '', text: '' }) }
    const { port, close } = await listenHttp({ host: '127.0.0.1', port: 0 }, sources, certificates)
    expect(await shownAt(port)).toBe('first')
    await writeFile(files.cert, 'half a certif')
    clock.advance(limits.certificateCheckMs)
    expect(await shownAt(port)).toBe('first')
    await put(second)
    clock.advance(limits.certificateCheckMs)
    expect(await shownAt(port)).toBe('second')
    certificates.close()
    await close()
  })

  test.each([
    ['a key of another certificate', 'other.key'],
    ['no key at all', 'house.pem'],
    ['a file that is not there', 'nowhere.key'],
  ])('with %s are refused, and the file is named', async (_what, name) => {
    const authority = new TestAuthority(folder, 'house')
    const { cert } = authority.sign('keeper')
    new TestAuthority(folder, 'other')
    const key = join(folder, name)
    const read = () => new FileCertificates({ cert, key, mutual: false }, systemClock, silentLogger)
    expect(read).toThrow(expect.objectContaining({ code: 'E_INVALID_ARGUMENT', message: expect.stringContaining(key) }))
  })
})

const shownAt = (port: number) =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().subject.CN)
      socket.destroy()
    })
  })
