// Reads a tree without root's rights, for the test of unreadable files: node read-as-nobody.js MODULE DIR
const [, , module, dir] = process.argv
const { readTree } = await import(module)
if (process.getuid?.() === 0) process.setuid(65534)
process.send(await readTree(dir), () => process.disconnect())
