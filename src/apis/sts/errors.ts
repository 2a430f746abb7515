// STS's refusals: GetCallerIdentity has none.

export {}
