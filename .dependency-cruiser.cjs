// Who may import whom (ARCHITECTURE.md draws it). One rule per folder: it may use itself, what is listed, and no more.

const BASE = '^src/base/'
const AWS = '^src/aws/'
const LINUX = '^src/linux/'
const CONTRACTS = [
  '^src/store/store\\.ts$',
  '^src/engine/engine\\.ts$',
  '^src/network/(network|flow-counter)\\.ts$',
  '^src/telemetry/[^/]+/[^/]+-store\\.ts$',
  '^src/dataplane/balancer/balancer\\.ts$',
]
const STORE = '^src/store/store\\.ts$'
const ENGINE = '^src/engine/engine\\.ts$'
const NETWORK = '^src/network/network\\.ts$'
const TELEMETRY = '^src/telemetry/[^/]+/[^/]+-store\\.ts$'
const NOUNS = '^src/apis/[^/]+/model/'
const SHELVES = '^src/apis/[^/]+/[a-z-]*tables\\.ts$'
const REFUSALS = '^src/apis/[^/]+/errors\\.ts$'

/** `folder` (below src/) may import itself and what is listed, and nothing else below src/. */
const only = (folder, comment, ...allowed) => ({
  name: `only-${folder.replaceAll(/[^a-z]+/g, '-')}`,
  comment,
  severity: 'error',
  from: { path: `^src/${folder}/`, pathNot: TESTS },
  to: { path: '^src/', pathNot: [`^src/${folder}/`, ...allowed] },
})

const TESTS = '(\\.test\\.ts|/conformance\\.ts)$'

module.exports = {
  forbidden: [
    only('base', 'the floor imports nothing'),
    only('linux', 'kernel calls know nothing of tasks', BASE),
    only('store', 'rows know nothing of AWS', BASE),
    only('telemetry', 'events and samples know nothing of AWS', BASE),
    only('network', 'an actuator never looks up', BASE, LINUX),
    only('engine', 'an actuator never looks up', BASE, LINUX, NETWORK),
    only('aws', 'what all AWS APIs share', BASE, STORE, TELEMETRY),
    only('apiserver', 'bytes to calls; it is handed the APIs', BASE, AWS, STORE, TELEMETRY),
    only(
      'dataplane',
      'servers that workloads talk to; told what to serve',
      BASE,
      AWS,
      LINUX,
      ENGINE,
      NETWORK,
      '^src/engine/linux/(stats|storage)-reader\\.ts$',
    ),
    only('apis', 'operations write wishes; they never act', BASE, AWS, STORE, TELEMETRY),
    only(
      'controllers',
      'plan from records, act through contracts',
      BASE,
      AWS,
      NOUNS,
      SHELVES,
      REFUSALS,
      '^src/dataplane/[^/]+/document\\.ts$',
      ...CONTRACTS,
    ),
    only(
      'routes',
      'what AWS has no API for: reads records, writes wishes',
      BASE,
      AWS,
      NOUNS,
      SHELVES,
      REFUSALS,
      STORE,
      TELEMETRY,
      '^src/apiserver/route\\.ts$',
      '^src/why/',
      // Explained is what the network was told, in the network's own words.
      '^src/network/[^/]+\\.ts$',
      '^src/controllers/network-interface/(plan|loaded-vpc)\\.ts$',
    ),
    only('why', 'from records to plain words, and nothing else', NOUNS),
    only('cli', 'a client of the public APIs', BASE, '^src/(config|doctor)\\.ts$'),
    {
      name: 'controllers-never-meet',
      comment: 'the store is how controllers talk; a contract file is what one may ask of another',
      severity: 'error',
      from: { path: '^src/controllers/([^/]+)/', pathNot: TESTS },
      to: {
        path: '^src/controllers/',
        pathNot: ['^src/controllers/$1/', '^src/controllers/[^/]+/(shipment|vpc-services|room|seams)\\.ts$'],
      },
    },
    {
      name: 'operations-are-private',
      comment: 'what an operation shares belongs in the model or the tables',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/apis/[^/]+/(index\\.ts$|operations/)', TESTS] },
      to: { path: '^src/apis/[^/]+/operations/' },
    },
    {
      name: 'nouns-are-pure',
      comment: 'a model imports types, models and AWS texts; no clock, no randomness at work, no node module',
      severity: 'error',
      from: { path: '^src/apis/[^/]+/model/', pathNot: TESTS },
      to: { path: '^(src/base/(clock|run|log)\\.ts|node:|fs$|child_process$)', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'plans-are-pure',
      comment: 'a plan sees records and contracts’ types only',
      severity: 'error',
      from: { path: '^src/controllers/[^/]+/plan\\.ts$' },
      to: { path: '^(src/apis/[^/]+/tables|src/store/|src/base/(clock|run|log))', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'sdk-types-only',
      comment: 'the SDK clients cost 129 MB at run time; src/ uses their types',
      severity: 'error',
      from: { path: '^src/', pathNot: TESTS },
      to: { path: '@aws-sdk/|@smithy/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-circles',
      comment: 'type-only circles count too: they are rooms that are not two',
      severity: 'error',
      from: { path: '^src/' },
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      comment: 'what nobody imports is not part of the program',
      severity: 'error',
      from: {
        orphan: true,
        path: '^src/',
        pathNot: [TESTS, '^src/(main|cli/main)\\.ts$'],
      },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    parser: 'swc',
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
}
