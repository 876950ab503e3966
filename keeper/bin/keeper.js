#!/bin/sh
':' //; MALLOC_MMAP_THRESHOLD_="${MALLOC_MMAP_THRESHOLD_-262144}" MALLOC_TRIM_THRESHOLD_="${MALLOC_TRIM_THRESHOLD_-4194304}" MALLOC_ARENA_MAX="${MALLOC_ARENA_MAX-1}" exec node --max-semi-space-size=32 ${KEEPER_NODE_FLAGS-} "$0" "$@"

// Read by the shell first, which starts Node with it: by itself glibc keeps what large values once took, and V8 collects
// the young generation so often that much is kept which was about to die. KEEPER_NODE_FLAGS are for profiles.
import { run } from '../dist/cli/program.js'

process.exitCode = await run(process.argv.slice(2))
