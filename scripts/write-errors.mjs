// Writes docs/errors.md from the registry in keeper/src/base/errors.ts (after a build).
import { writeFileSync } from 'node:fs'
import { errorKinds } from '../keeper/dist/base/errors.js'

const rows = Object.entries(errorKinds).map(
  ([code, kind]) => `| \`${code}\` | ${kind.grpc} | ${kind.exit} | ${kind.retry ? 'yes' : 'no'} | ${kind.fix} |`,
)
writeFileSync(
  'docs/errors.md',
  `# Errors\n\nEvery error has a code. Over gRPC it travels as a status with the trailer \`keeper-error-bin\` (a serialized\n\`keeper.v1.Status\`); the command line ends with the exit code. *Retry* says whether the very same request may succeed\nlater. Written by \`npm run docs\`.\n\n| code | gRPC status | exit | retry | what to do |\n|---|---|---|---|---|\n${rows.join('\n')}\n`,
)
