import type { Connections } from './connections';
import type { Goal } from './goals';
import type { Growth, Lookup } from './lookup';
import type { Machine } from './machine';
import type { Memory } from './memory';
import type { Row } from './rounds';
import type { Boot } from './start-up';

/** Everything that one `npm run bench` found: what `.nocobase/bench.json` holds. */
export interface Run {
  /** When it began: ISO 8601. */
  at: string;
  minutes: number;
  quick: boolean;
  machine: Machine;
  /** Processes that wanted a processor, on average over the minute before. */
  load: { begin: number; end: number };
  busy: boolean;
  goals: Goal[];
  rows: Row[];
  inARow: Connections[];
  memory: Memory[];
  boots: Boot[];
  lookups: Lookup[];
  growth: Growth[];
  indexes: string[];
}
