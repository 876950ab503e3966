import type { JsonObject } from './json.js'

const expectedError = { rule: { type: 'string' }, pointer: { type: 'string', pattern: '^(?:/|$)' } }
/** What stands in `_keeper/tests/*.yaml`, for the compiler and for editors. */
export const testsSchema: JsonObject = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'array',
  items: {
    type: 'object',
    required: ['config', 'as'],
    additionalProperties: false,
    properties: {
      name: { type: 'string', description: 'What it shows.' },
      config: { type: 'string', description: 'Which config, e.g. push/room.' },
      as: {
        type: 'object',
        description: 'The labels of a process: cluster, role, zone…',
        additionalProperties: { type: 'string' },
      },
      set: { type: ['object', 'array'], description: 'Laid over its value before the schema looks at it.' },
      expect: { description: 'What it gets: by pointer ({/a: 1}), or the whole value.' },
      expectError: {
        type: ['string', 'object'],
        description: 'The rule or code of an error, e.g. schema/type or E_NOT_IN_AUDIENCE.',
        minProperties: 1,
        additionalProperties: false,
        properties: expectedError,
      },
    },
  },
}
