// The walls of the house: which room may import from which. A room that reached into another one could not be changed,
// or moved, without it. docs/architecture.md explains the rooms.

/** The rooms below the capabilities, each with the rooms that it may use. */
const rooms = {
  dingtalk: [],
  http: [],
  accounts: ['dingtalk', 'http'],
  configuration: ['accounts', 'dingtalk', 'http'],
  authorization: ['accounts', 'configuration', 'dingtalk', 'http'],
  directory: ['accounts', 'configuration', 'dingtalk', 'http'],
};

/** What is not shipped. */
const OUTSIDE = ['bench', 'dev', 'docs', 'e2e', 'emulator', 'gallery', 'testing'];

const outside = {
  regex: `(^|/)(${OUTSIDE.join('|')})(/|$)`,
  message: 'Code that is shipped imports nothing of what is not.',
};

const config = (files, patterns) => ({
  files,
  ignores: ['**/*.test.{ts,tsx}'],
  rules: { 'no-restricted-imports': ['error', { patterns: [outside, ...patterns] }] },
});

/** @param depth 2 for the folders of a room, which use all of that room. */
function roomOfServer(room, usable, depth = 1) {
  const up = '\\.\\./'.repeat(depth);
  const others = `^${up}(?!\\.\\./)(?!(${usable.join('|') || '-'})/)`;
  const patterns = [
    {
      regex: others,
      message: `${room === '*' ? 'A capability' : `${room}/`} may import from ${usable.join(', ') || 'no other room'}.`,
    },
    { regex: `^${up}\\.\\./(?!(shared|locale)/)`, message: 'The server imports from shared/ and locale/ alone.' },
  ];
  if (room === 'dingtalk') {
    patterns.push({ regex: `^${up}`, message: 'dingtalk/ is an SDK and knows nothing above it.' });
    patterns.push({
      regex: '^@nocobase/(?!utils$)',
      message: 'dingtalk/ knows nothing of NocoBase but its HTTP client.',
    });
  }
  return config([depth === 1 ? `src/server/${room}/**` : `src/server/${room}/*/**`], patterns);
}

/**
 * Every other folder of the server is a capability: what users have of the plugin. It has its walls from its first file.
 * No capability uses another one, so that each can be taken out, or fail, without the others.
 */
function capabilities(depth) {
  const { ignores, ...walls } = roomOfServer('*', Object.keys(rooms), depth);
  return { ...walls, ignores: [...ignores, ...Object.keys(rooms).map((room) => `src/server/${room}/**`)] };
}

export default [
  config(['src/**'], []),
  // The later one counts: that of the folders of a room.
  ...[1, 2].flatMap((depth) => [
    ...Object.entries(rooms).map(([room, usable]) => roomOfServer(room, usable, depth)),
    capabilities(depth),
  ]),
  config(
    ['src/server/*.ts'],
    [{ regex: '^\\./[^/]+/(?!register$|auth-dingtalk$)', message: 'plugin.ts lists the capabilities, nothing else.' }],
  ),
  config(
    ['src/shared/**'],
    [{ regex: '^\\.\\./(?!\\.\\./package\\.json$)', message: 'shared/ is part of every bundle, and imports nothing.' }],
  ),
  config(
    ['src/client*/**'],
    [{ regex: '(^|/)server(/|$)', message: 'Clients know the server by shared/contract.ts alone.' }],
  ),
  config(
    ['src/client-common/**'],
    [
      { regex: '(^|/)server(/|$)', message: 'Clients know the server by shared/contract.ts alone.' },
      { regex: '/client(-v2)?/', message: 'client-common/ is used by both clients, and uses neither.' },
    ],
  ),
  {
    files: ['src/server/**'],
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        { selector: 'ImportExpression', message: 'A dynamic import would pass the walls between the rooms.' },
        {
          selector:
            ':matches(ImportDeclaration, ExportNamedDeclaration, ExportAllDeclaration)' +
            ':not([importKind="type"], [exportKind="type"])[source.value=/^@nocobase\\u002fplugin-(?!auth$)/]',
          message: 'Law 4: where that plugin of NocoBase is missing, ours would not start. Import its types alone.',
        },
      ],
    },
  },
];
