/** @keeper/sdk/testing: an in-memory keeper for the tests of services. It knows no test framework. */
export type { TestAck } from './memory-keeper.js'
export { createTestKeeper, type TestJoinOptions, type TestKeeper } from './test-keeper.js'
