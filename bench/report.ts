import fs from 'node:fs';
import path from 'node:path';
import { ROOT, STATE } from '../dev/paths';
import { type Goal, isFromBrowser } from './goals';
import type { Growth, Lookup } from './lookup';
import type { Machine } from './machine';
import type { Connections, Memory } from './resources';
import type { Row } from './rounds';
import { isOwn } from './sign-ins';
import type { Boot } from './start-up';

/** When and where something was measured. */
export interface Conditions {
  /** When it began: ISO 8601. */
  at: string;
  minutes: number;
  quick: boolean;
  machine: Machine;
  /** Processes that wanted a processor, on average over the minute before. */
  load: { begin: number; end: number };
  busy: boolean;
}

/** Everything that one `npm run bench` found: what `.nocobase/bench.json` holds. */
export interface Run extends Conditions {
  goals: Goal[];
  rows: Row[];
  inARow: Connections[];
  memory: Memory[];
  boots: Boot[];
  lookups: Lookup[];
  growth: Growth[];
  indexes: string[];
}

/** The tables of a run, as they stand in docs/performance.md. */
export function tablesOf(run: Run): string {
  const { goals, rows, inARow, memory, boots, lookups, growth, indexes } = run;
  return [
    conditionsOf(run),
    ...goalsOf(goals),
    ...section('Sign-ins', rows, {
      Database: ({ database }) => database,
      'Who signs in': ({ kind }) => kind,
      'DingTalk, ms': ({ kind, latency }) => (isOwn(kind) ? '–' : latency),
      'At a time': ({ limit }) => limit,
      'Per second': ({ rate }) => one(rate),
      'p50, ms': ({ p50 }) => one(p50),
      'p95, ms': ({ p95 }) => one(p95),
      'p99, ms': ({ p99 }) => one(p99),
      'p50, floor + DingTalk = 1': (row) => (isFromBrowser(row) ? two(row.latencyOfExpected) : '–'),
      'p50, password = 1': ({ kind, latencyOfPassword }) => (kind === 'whole way' ? two(latencyOfPassword) : '–'),
      Failures: ({ failures, count }) => `${failures} of ${count}`,
      'Processor, ms': ({ cpu }) => one(cpu),
      'of which two bare calls, ms': (row) => (isFromBrowser(row) ? one(row.cpuOfCalls) : '–'),
      'Processor, floor = 1': ({ cpuOfFloor }) => two(cpuOfFloor),
      'SQL statements': ({ statements }) => one(statements),
      'Calls to DingTalk': ({ calls }) => two(calls),
      'New connections': ({ connections }) => two(connections),
    }),
    ...section('Connections', inARow, {
      Database: ({ database }) => database,
      'Sign-ins in a row': ({ signIns }) => signIns,
      'Connections opened': ({ opened }) => opened,
    }),
    ...section('Memory', memory, {
      'Who signs in': ({ kind }) => kind,
      'Sign-ins': ({ signIns }) => signIns,
      Failures: ({ failures }) => failures,
      'Heap before, MiB': ({ before }) => one(before),
      'Heap after, MiB': ({ after }) => one(after),
      'Grown by, MiB': ({ before, after }) => one(after - before),
    }),
    ...section('Start of NocoBase', boots, {
      Plugin: ({ plugin }) => (plugin ? 'with' : 'without'),
      'Time, s': ({ ms }) => two(ms / 1000),
      'Least and most, s': ({ times }) => `${two(Math.min(...times) / 1000)} to ${two(Math.max(...times) / 1000)}`,
      Starts: ({ times }) => times.length,
      'Heap, MiB': ({ heap }) => one(heap),
      'Resident, MiB': ({ rss }) => one(rss),
    }),
    ...section('What a sign-in asks of many users (PostgreSQL)', lookups, {
      Users: ({ users }) => users.toLocaleString('en-US'),
      'What is asked': ({ what }) => what,
      'Time, ms': ({ ms }) => two(ms),
      'Blocks of 8 kB': ({ blocks }) => blocks.toLocaleString('en-US'),
      Plan: ({ plan }) => plan,
    }),
    ...section('A sign-in among many users (PostgreSQL)', growth, {
      Users: ({ users }) => users.toLocaleString('en-US'),
      'Who signs in': ({ kind }) => kind,
      'p50, ms': ({ p50 }) => one(p50),
    }),
    ...section(
      'Indexes of these tables',
      indexes.map((index) => ({ index })),
      { 'In PostgreSQL': ({ index }) => `\`${index}\`` },
    ),
  ].join('\n\n');
}

/** When, where and under which load a run was measured. */
export function conditionsOf({ machine, at, minutes, load, busy, quick }: Conditions): string {
  return (
    `${at.slice(0, 10)}, ${machine.processors} × ${machine.processor}, ${machine.memory} GiB, ${machine.system}. ` +
    `Node.js ${machine.node}, NocoBase ${machine.nocobase}, SQLite ${machine.sqlite}` +
    `${machine.postgres ? `, PostgreSQL ${machine.postgres}` : ''}` +
    `${machine.mysql ? `, ${machine.mysql}` : ''}. ` +
    `The run took ${minutes} minutes; the load was ${one(load.begin)} when it began and ${one(load.end)} when it ended.` +
    `${busy ? ' **The machine was busy with other work: the times are not to be trusted.**' : ''}` +
    `${quick ? ' **This was a short trial (`--quick`).**' : ''}`
  );
}

export const goalsOf = (goals: Goal[]): string[] =>
  section('Goals', goals, {
    Goal: ({ goal }) => goal,
    Where: ({ where }) => where,
    'This run': ({ figure }) => figure,
    Reached: ({ reached }) => (reached ? 'yes' : '**no**'),
  });

export function section<T>(heading: string, rows: T[], columns: Record<string, (row: T) => string | number>): string[] {
  return rows.length ? [`### ${heading}`, table(rows, columns)] : [];
}

/** In Markdown, laid out as Prettier does it. */
export function table<T>(rows: T[], columns: Record<string, (row: T) => string | number>): string {
  const cells = [
    Object.keys(columns),
    ...rows.map((row) => Object.values(columns).map((cell) => String(cell(row)).replaceAll('|', '\\|'))),
  ];
  const widths = cells[0].map((_, column) => Math.max(3, ...cells.map((line) => line[column].length)));
  const lines = cells.map((line) => `| ${line.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`);
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [lines[0], rule, ...lines.slice(1)].join('\n');
}

export const one = (value: number) => value.toFixed(1);
export const two = (value: number) => value.toFixed(2);

const DOCUMENT = path.join(ROOT, 'docs', 'performance.md');

const END = '<!-- end -->';

/** @returns the text with other tables between the marks of the command that writes them */
export function withTables(text: string, command: string, tables: string): string {
  const mark = `<!-- written by \`${command}\` -->`;
  const begin = text.indexOf(mark);
  const end = text.indexOf(END, begin);
  if (begin < 0 || end < 0) {
    throw new Error(`Between ${mark} and ${END} the tables would stand; one is missing.`);
  }
  return `${text.slice(0, begin)}${mark}\n\n${tables}\n\n${text.slice(end)}`;
}

/**
 * Keeps what a run of the bench has found, prints its tables and, if asked, writes them into the document.
 *
 * @param name of the files
 * @param command which the document names at its tables
 * @returns where it was written
 */
export function publish(name: string, command: string, run: object, tables: string): string {
  const file = path.join(STATE, `${name}.md`);
  fs.mkdirSync(STATE, { recursive: true });
  fs.writeFileSync(path.join(STATE, `${name}.json`), JSON.stringify(run, null, 2));
  fs.writeFileSync(file, `${tables}\n`);
  console.log(tables);
  if (process.argv.includes('--write')) {
    writeIntoDocument(command, tables);
  }
  return `Written: ${file} and ${name}.json`;
}

function writeIntoDocument(command: string, tables: string): void {
  fs.writeFileSync(DOCUMENT, withTables(fs.readFileSync(DOCUMENT, 'utf8'), command, tables));
}
