import fc from 'fast-check';

/**
 * How often a property is tried. The long lane runs the files `*.fuzz.test.ts` too, and sets `fuzzFactor` in
 * jest.config.js. A failure names its seed: run it again with FUZZ_SEED.
 */
export const runs = (short: number) => short * ((globalThis as { fuzzFactor?: number }).fuzzFactor ?? 1);

fc.configureGlobal({ ...(process.env.FUZZ_SEED && { seed: Number(process.env.FUZZ_SEED) }) });

const known = [
  '',
  ' ',
  '0',
  '86',
  '+86',
  '13800138000',
  '155****3240',
  'null',
  '__proto__',
  '\r\nX: y',
  '\0',
  '%',
  '//x',
];

/** Pieces of which addresses and phone numbers are made. */
const pieces = [
  '/',
  '\\',
  '.',
  '%2f',
  '%5c',
  '@',
  ':',
  '?',
  '#',
  '\t',
  '//',
  '..',
  'evil.example',
  '0086',
  '+',
  '1',
  ' ',
];

const joined = (parts: string[], constraints?: fc.ArrayConstraints) =>
  fc.array(fc.constantFrom(...parts), constraints).map((chosen) => chosen.join(''));

/** Any text, and often one that is near to what a parser accepts. */
export const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom(...known), joined(pieces));

const key = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'code', 'state'),
  fc.string(),
);

/** JSON, as text: in an object of JavaScript, `__proto__` would be no key. */
export const json = fc.letrec<{ json: string }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(text, fc.double(), fc.boolean(), fc.constant(null)).map((value) => JSON.stringify(value)),
    fc.array(tie('json'), { maxLength: 4 }).map((items) => `[${items}]`),
    fc.array(fc.tuple(key, tie('json')), { maxLength: 5 }).map(toObject),
  ),
})).json;

/** Any value that JSON can hold. */
export const value: fc.Arbitrary<unknown> = json.map((written) => JSON.parse(written));

function toObject(pairs: [string, string][]): string {
  return `{${pairs.map(([name, written]) => `${JSON.stringify(name)}:${written}`)}}`;
}

/** JSON of an object with these keys, each of them with any value or missing; and with other keys. */
export function objectWith(...names: string[]): fc.Arbitrary<string> {
  const any = fc.oneof(
    text.map((written) => JSON.stringify(written)),
    json,
  );
  const own = fc.tuple(...names.map((name) => fc.option(fc.tuple(fc.constant(name), any), { freq: 6 })));
  const others = fc.array(fc.tuple(key, json), { maxLength: 3 });
  return fc
    .tuple(own, others)
    .map(([chosen, more]) => toObject([...chosen.filter((pair) => pair !== null), ...more] as [string, string][]));
}

/** Tries a property of a parser, and that it left `Object.prototype` alone. */
export function check<T>(arbitrary: fc.Arbitrary<T>, property: (tried: T) => void): void {
  const before = Object.getOwnPropertyNames(Object.prototype).sort();
  fc.assert(fc.property(arbitrary, property), { numRuns: runs(500) });
  expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(before);
}

const LENGTH = 100_000;
const repeated = ['a', '+86', '1', '/', '/.', '%', '.', ' ', '{', '"', '-', '(', ';', '; ', '=', '@', 'é', '\u2028'];

/** Repeated to 100 kB they are what expressions that backtrack take long for. */
const pieceOfLongText = fc.oneof(joined(repeated, { minLength: 1, maxLength: 4 }), text).map((piece) => piece || 'x');

/**
 * The best of three, in milliseconds of the processor: by the clock it would depend on what else this machine does.
 */
export function quickest(work: () => void): number {
  const times = [1, 2, 3].map(() => {
    const began = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(began);
    return (user + system) / 1000;
  });
  return Math.min(...times);
}

/** Tries that a parser reads 100 kB of anything in less than 50 ms. */
export function checkSpeed(parse: (read: string) => unknown): void {
  const property = fc.property(pieceOfLongText, (piece) => {
    const read = piece.repeat(Math.ceil(LENGTH / piece.length)).slice(0, LENGTH);
    expect(quickest(() => parse(read))).toBeLessThan(50);
  });
  fc.assert(property, { numRuns: 60 });
}
