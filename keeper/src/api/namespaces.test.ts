import type * as grpc from '@grpc/grpc-js'
import { services } from '@keeper/proto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ApiHouse, bidi, openApi, Stream } from './testing/api-house.js'

let house: ApiHouse
beforeAll(async () => {
  house = await openApi()
})
afterAll(() => house.close())

type Service = keyof typeof services

interface Call {
  readonly service: Service
  readonly method: string
  readonly definition: grpc.MethodDefinition<object, object>
}

/** The calls whose request, or its header, names a namespace; hellos of sessions have a check of their own. */
const calls: Call[] = (Object.keys(services) as Service[])
  .filter((service) => service !== 'sessions')
  .flatMap((service) =>
    Object.entries(services[service]).map(([method, definition]) => ({
      ...{ service, method, definition: definition as grpc.MethodDefinition<object, object> },
    })),
  )
  .filter(({ definition: { requestSerialize, requestDeserialize, requestStream } }) => {
    const empty = requestDeserialize(requestSerialize({ header: {} }))
    return requestStream ? 'header' in empty : 'namespace' in empty
  })

function ask({ service, method, definition }: Call, namespace: string): Promise<unknown> {
  const { requestStream, responseStream } = definition
  if (!requestStream && !responseStream) return house.call(service, method, { namespace })
  if (!requestStream) return house.stream(service, method, { namespace }).next()
  const call = bidi(house.client, service, method)
  const answers = new Stream(call)
  call.write({ header: { namespace } })
  call.end()
  return answers.next()
}

test('they are of every kind', () => {
  expect(calls.map(({ service, method }) => `${service}.${method}`)).toEqual(
    expect.arrayContaining(['configs.Apply', 'configs.Get', 'changes.Edit', 'control.Events', 'secrets.Put']),
  )
})

test.each(calls)('$service.$method refuses what can be no namespace', async (call) => {
  for (const namespace of ['a/b', '..', 'x\u0007', '_keeper', 'n'.repeat(129)])
    await expect(ask(call, namespace)).rejects.toMatchObject({ code: 'E_BAD_NAME' })
})
