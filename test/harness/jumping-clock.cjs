// Required before a keeper: its wall clock jumps by an hour at each SIGUSR2, forward and back in turn.
const now = Date.now
let ahead = 0
Date.now = () => now() + ahead
process.on('SIGUSR2', () => {
  ahead = ahead === 0 ? 3_600_000 : 0
})
