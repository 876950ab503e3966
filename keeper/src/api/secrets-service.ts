import type { SecretSummary, SecretsHandlers } from '@keeper/proto'
import type { SecretView } from '../control/secrets.js'
import { DEFAULT_NAMESPACE } from '../store/records.js'
import type { Calls } from './calls.js'
import type { ApiContext } from './types.js'

/** keeper.v1.Secrets: their bytes go in, and never come out here. */
export function secretsService({ secrets, authorize }: ApiContext, calls: Calls): SecretsHandlers {
  const namespaceOf = (request: { namespace: string }) => request.namespace || DEFAULT_NAMESPACE
  return {
    Put: calls.unary(async (request, { principal }) => {
      authorize(principal, 'secret.write', request.name)
      const { name, value, author, reason, mustExist } = request
      const by = { namespace: namespaceOf(request), principal, author, reason }
      const { revision, version, usedBy } = await secrets.put(name, value, by, mustExist)
      return { revision, version, usedBy: [...usedBy] }
    }),
    List: calls.unary(async (request, { principal }) => {
      authorize(principal, 'secret.read', '')
      const views = await secrets.list(namespaceOf(request))
      return { secrets: views.map(summaryOf), sealsWith: secrets.sealsWith ?? '' }
    }),
    Remove: calls.unary(async (request, { principal }) => {
      authorize(principal, 'secret.write', request.name)
      return { revision: await secrets.remove(request.name, { namespace: namespaceOf(request), principal }) }
    }),
    Reseal: calls.unary(async (request, { principal }) => {
      authorize(principal, 'secret.write', '')
      return await secrets.reseal({ namespace: namespaceOf(request), principal })
    }),
  }
}

const summaryOf = ({ name, revision, opens, usedBy, record }: SecretView): SecretSummary => {
  const { version, author, reason, wallMs, sealed } = record
  return { name, version, revision, key: sealed.key, opens, author, reason, wallMs, usedBy: [...usedBy] }
}
