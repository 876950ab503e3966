#!/bin/sh
':' //; MALLOC_MMAP_THRESHOLD_="${MALLOC_MMAP_THRESHOLD_-262144}" MALLOC_TRIM_THRESHOLD_="${MALLOC_TRIM_THRESHOLD_-4194304}" exec node "$0" "$@"

// Read by the shell first, which starts Node with it: by itself glibc keeps what large values once took.
import { run } from '../dist/cli/program.js'

process.exitCode = await run(process.argv.slice(2))
