// The tables of STS: it has none as long as nobody assumes a role.

export {}
