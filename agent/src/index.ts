/**
 * The agent: one on each host. It will run the processes that the keepers desire there, report what it observes,
 * and obey start, stop and drain commands by id. Today this package only holds the name.
 */
export const agent = { built: false } as const
