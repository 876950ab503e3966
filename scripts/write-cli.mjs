// Writes docs/cli.md from the command line itself (after a build).
import { writeFileSync } from 'node:fs'
import { cliReference } from '../keeper/dist/cli/reference.js'

writeFileSync('docs/cli.md', await cliReference())
