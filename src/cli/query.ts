// A query string out of options, without those that were not given.

export const queryOf = (members: Readonly<Record<string, string | boolean | number | undefined>>): string => {
  const given = Object.entries(members).filter(([, value]) => value !== undefined && value !== false)
  return new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)])).toString()
}
