import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openApollo } from './apollo.js'
import { openConsul } from './consul.js'
import { type ImportSource, isSkipped } from './item.js'
import { openNacos } from './nacos.js'
import { zipOf } from './testing/zip.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keeper-archive-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function written(bytes: Buffer | string, name = 'export.zip'): Promise<string> {
  await writeFile(join(folder, name), bytes)
  return join(folder, name)
}

/** `path.extension = text`, or `path: reason`. */
async function gives(source: ImportSource): Promise<string[]> {
  const lines: string[] = []
  for await (const found of source.items())
    lines.push(
      isSkipped(found)
        ? `${found.path}: ${found.reason}`
        : `${found.path.join('/')}${found.extension ? `.${found.extension}` : ''} = ${Buffer.from(found.bytes)}`,
    )
  return lines
}

describe('an archive of Nacos', () => {
  test('gives groups as folders, with the formats that its metadata says', async () => {
    const file = await written(
      zipOf({
        '.metadata.yml':
          'metadata:\n- {dataId: room, group: push, type: yaml}\n- {dataId: note, group: push, type: text}\n',
        'push/room': 'max: 1',
        'push/note': 'hello',
        'push/app.json': '{}',
      }),
    )
    expect(await gives(await openNacos(file))).toEqual([
      'push/app.json = {}',
      'push/note.text = hello',
      'push/room.yaml = max: 1',
    ])
  })

  test('is refused when it is none', async () => {
    const file = await written(Buffer.concat([Buffer.from('PK'), Buffer.alloc(100)]))
    await expect(openNacos(file)).rejects.toMatchObject({ code: 'E_INVALID_ARGUMENT' })
    await expect(openNacos(join(folder, 'none'))).rejects.toMatchObject({ code: 'E_INVALID_ARGUMENT' })
  })

  test('with a file that inflates to more than it says lists that one', async () => {
    const file = await written(zipOf({ 'push/bomb.json': 'x'.repeat(10_000) }, 10))
    expect(await gives(await openNacos(file))).toEqual(['push/bomb.json: the archive: push/bomb.json cannot be read'])
  })
})

describe('an archive of Apollo', () => {
  const files = {
    'ops/app.metadata': '{}',
    'ops/push/DEV/push+default+application.properties': 'a=1',
    'ops/push/PRO/default.cluster.metadata': '{}',
    'ops/push/PRO/push+default+application.properties': 'a=2',
    'ops/push/PRO/push+bj+application.properties': 'a=3',
    'ops/push/PRO/push+bj+other.yaml': 'b: 1',
  }

  test('gives an app’s namespaces, its clusters as overlays, of one environment', async () => {
    const source = await openApollo(await written(zipOf(files)), 'PRO')
    expect(await gives(source)).toEqual([
      'push/application.properties = a=2',
      'push/application@idc=bj.properties = a=3',
      'ops/push/PRO/push+bj+other.yaml: the cluster default has no other for it to lie over',
    ])
  })

  test('with several environments asks for one', async () => {
    await expect(openApollo(await written(zipOf(files)), undefined)).rejects.toMatchObject({
      code: 'E_INVALID_ARGUMENT',
      message: expect.stringContaining('DEV, PRO'),
    })
  })

  test('without a namespace is none', async () => {
    await expect(openApollo(await written(zipOf({ 'a/b.txt': '' })), undefined)).rejects.toMatchObject({
      code: 'E_INVALID_ARGUMENT',
    })
  })
})

describe('Consul', () => {
  const entries: Record<string, string> = { 'push/': '', 'push/room': 'max: 1', 'push/room/a': '1', top: '{}' }

  test('gives what it exported', async () => {
    const all = Object.entries(entries).map(([key, value]) => ({
      key,
      flags: 0,
      value: Buffer.from(value).toString('base64'),
    }))
    const file = await written(JSON.stringify(all), 'consul.json')
    expect(await gives(await openConsul(file))).toEqual(['push/room = max: 1', 'push/room/a = 1', 'top = {}'])
    await expect(gives(await openConsul(await written('{}', 'none.json')))).rejects.toMatchObject({
      code: 'E_INVALID_ARGUMENT',
    })
  })

  test('is walked folder by folder while it runs', async () => {
    const server = createServer((request, response) => {
      const url = new URL(request.url ?? '', 'http://x')
      const key = decodeURIComponent(url.pathname.slice('/v1/kv/'.length))
      const keys = Object.keys(entries).filter((one) => one.startsWith(key))
      if (!url.searchParams.has('keys')) return response.end(entries[key])
      if (keys.length === 0) return response.writeHead(404).end()
      const shown = keys.map((one) => key + one.slice(key.length).replace(/\/.*$/, '/'))
      return response.end(JSON.stringify([...new Set(shown)].sort()))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
    try {
      expect(await gives(await openConsul(host))).toEqual(['push/room = max: 1', 'push/room/a = 1', 'top = {}'])
      expect(await gives(await openConsul(`${host}/push/room/`))).toEqual(['a = 1'])
      await expect(gives(await openConsul(`${host}/none`))).rejects.toMatchObject({ code: 'E_NOT_FOUND' })
    } finally {
      server.close()
      server.closeAllConnections()
    }
  })

  test('that does not answer is a connection that fails', async () => {
    await expect(gives(await openConsul('127.0.0.1:1'))).rejects.toMatchObject({ code: 'E_CONNECTION' })
  })
})
