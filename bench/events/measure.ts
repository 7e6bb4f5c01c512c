import fs from 'node:fs';
import { once } from 'node:events';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { median, quantile } from 'simple-statistics';
import { until } from '../../dev/until';
import { type Emulator, generateCompany, startEmulator } from '../../emulator';
import { CALLS_PER_SECOND } from '../../src/server/dingtalk/pace';
import { atATime } from '../../testing/nocobase/at-a-time';
import { Browser } from '../../testing/nocobase/browser';
import { createDatabase, type TestDatabase } from '../../testing/nocobase/databases';
import { CLIENT_ID } from '../../testing/nocobase/nocobase';
import { begin, comeBack, finish } from '../../testing/nocobase/sign-in';
import { AskedProcess } from '../asked-process';
import { environmentOf } from '../environment';
import { hostsAt } from '../measured-server';
import { type Kind, kinds, Life } from './company';
import type { NodeOptions, Questions } from './process';

export type Way = 'Stream' | 'HTTP';

/** One kind of change, so many at once. */
export interface Row {
  nodes: number;
  way: Way;
  what: Kind | 'left' | 'left amid others';
  changes: number;
  /** How often so many changes were made. */
  times: number;
  /** Seconds from a change in DingTalk to its row in NocoBase, or to the end of the session. */
  p50: number;
  p95: number;
  /** Calls to DingTalk each time, on average. */
  calls: number;
  /** Seconds that these calls take by themselves, at the pace in which each endpoint is called: at the most. */
  floor: number;
}

/** Sign-ins beside what waits to be read. */
export interface SignInRow {
  waiting: number;
  count: number;
  failures: number;
  /** Milliseconds: the median of the rounds, and the quickest and the slowest of them. */
  p50: number;
  least: number;
  most: number;
  p95: number;
}

export interface Plan {
  /** By number of changes: how often so many are made. */
  times: Record<number, number>;
  /** How many leave, one after the other. */
  leavers: number;
}

/** Milliseconds that DingTalk takes for an answer. */
const LATENCY_MS = 50;
/** As DingTalk counts them. */
const MOST_PER_SECOND = 20;

/** How often it is asked whether something has come: what is measured is that much longer, at the most. */
const LOOK_MS = 50;
const PATIENCE = { everyMs: LOOK_MS, seconds: 300 };

type Node = AskedProcess<Questions, { url: string }>;

export class Measurement {
  private readonly nodes: Node[] = [];
  private readonly life: Life;
  private readonly balancer = new Balancer();
  private readonly known: string[];

  private constructor(
    private readonly dingtalk: Emulator,
    private readonly database: TestDatabase,
    private readonly rows: pg.Client,
    private readonly storage: string,
  ) {
    this.life = new Life(dingtalk);
    this.known = Array.from({ length: KNOWN }, () => this.life.next().id);
  }

  /** In an emulator and a database of its own, both of which are gone afterwards; with one node. */
  static async with(
    size: { people: number; departments: number },
    work: (measurement: Measurement) => Promise<void>,
  ): Promise<void> {
    const dingtalk = await startEmulator({ data: generateCompany(size) });
    const database = await createDatabase('postgres', undefined, 'bench');
    const { host, port, username: user, password, database: name } = database.options;
    const rows = new pg.Client({ host, port, user, password: password || undefined, database: name });
    const storage = fs.mkdtempSync(path.join(os.tmpdir(), 'bench-storage-'));
    await rows.connect();
    const measurement = new Measurement(dingtalk, database, rows, storage);
    try {
      await measurement.addNode();
      await measurement.nodes[0].ask('run', null);
      Object.assign(dingtalk.data.settings, { latencyMs: LATENCY_MS, maxPerSecond: MOST_PER_SECOND });
      await work(measurement);
    } finally {
      await Promise.all(measurement.nodes.map((node) => node.stop()));
      measurement.balancer.stop();
      await rows.end();
      await dingtalk.close();
      await database.drop();
      fs.rmSync(storage, { recursive: true, force: true });
    }
  }

  async addNode(): Promise<void> {
    const { options } = this.database;
    const { corpId } = this.dingtalk.data.organizations[0];
    const given: NodeOptions = {
      database: options,
      isInstalled: this.nodes.length > 0,
      corpId,
      redis: process.env.TEST_REDIS_URL,
    };
    this.nodes.push(
      await AskedProcess.start<Questions, { url: string }>(path.join(__dirname, 'process.ts'), {
        args: [JSON.stringify(given)],
        env: { ...hostsAt(this.dingtalk.url), ...environmentOf(this.storage) },
      }),
    );
  }

  async *changes(way: Way, plan: Plan): AsyncGenerator<Row> {
    await this.hear(way);
    for (const [changes, times] of Object.entries(plan.times)) {
      for (const what of kinds) {
        yield this.repeated({ way, what, changes: Number(changes) }, times, () => this.made(what, Number(changes)));
      }
    }
    yield this.repeated({ way, what: 'left', changes: 1 }, plan.leavers, async () => [await this.left()]);
    const most = Math.max(...Object.keys(plan.times).map(Number));
    yield this.repeated({ way, what: 'left amid others', changes: most }, 1, async () => {
      const half = Array.from({ length: most / 2 }, () => this.life.change('renamed'));
      const leaver = await this.leaver();
      half.push(...Array.from({ length: most / 2 }, () => this.life.change('renamed')));
      const seconds = await leaver();
      await this.seen(half);
      return [seconds];
    });
    await this.hear('Stream');
  }

  private async repeated(
    { way, what, changes }: Pick<Row, 'way' | 'what' | 'changes'>,
    times: number,
    make: () => Promise<number[]>,
  ): Promise<Row> {
    const from = this.dingtalk.calls.length;
    const seconds: number[] = [];
    for (let time = 0; time < times; time++) {
      seconds.push(...(await make()));
      await this.quiet();
    }
    const calls = this.dingtalk.calls.slice(from).map(({ path: at }) => at);
    const ofEndpoints = [...new Set(calls)].map((at) => calls.filter((one) => one === at).length / times);
    return {
      nodes: this.nodes.length,
      way,
      what,
      changes,
      times,
      p50: median(seconds),
      p95: quantile(seconds, 0.95),
      calls: calls.length / times,
      floor: LATENCY_MS / 1000 + Math.max(0, Math.max(0, ...ofEndpoints) - 1) / CALLS_PER_SECOND,
    };
  }

  /** Makes so many changes at once, and returns the seconds that each of them took. */
  private async made(kind: Kind, count: number): Promise<number[]> {
    const began = new Map<string, number>();
    for (let change = 0; change < count; change++) {
      began.set(this.life.change(kind), Date.now());
    }
    const ended = await this.seen([...began.keys()]);
    return [...began].map(([name, at]) => ((ended.get(name) ?? NaN) - at) / 1000);
  }

  /** When each of these names was there. */
  private async seen(names: string[]): Promise<Map<string, number>> {
    const ended = new Map<string, number>();
    await until(
      'all changes are there',
      async () => {
        const missing = names.filter((name) => !ended.has(name));
        const { rows } = await this.rows.query('SELECT nickname FROM users WHERE nickname = ANY($1)', [missing]);
        rows.forEach(({ nickname }: { nickname: string }) => ended.set(nickname, Date.now()));
        return ended.size === names.length;
      },
      PATIENCE,
    );
    return ended;
  }

  private async left(): Promise<number> {
    return (await this.leaver())();
  }

  /** Somebody with a session leaves; what is returned waits for the end of it, and says after how many seconds it came. */
  private async leaver(): Promise<() => Promise<number>> {
    const account = this.life.next();
    const [node] = this.nodes;
    const { token } = await node.ask('session', { unionId: account.unionId });
    const status = async () => {
      const response = await fetch(`${node.started.url}/api/dingtalk:getLinks`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: '{}',
      });
      await response.arrayBuffer();
      return response.status;
    };
    if ((await status()) !== 200) {
      throw new Error('The session is none.');
    }
    const began = Date.now();
    this.dingtalk.leave(account);
    return async () => {
      await until('the session has ended', async () => (await status()) === 401, PATIENCE);
      return (Date.now() - began) / 1000;
    };
  }

  /** Nothing waits to be read, and the last batch has ended. */
  private async quiet(): Promise<void> {
    await this.dingtalk.eventsSettled();
    await until('nothing waits', async () => !(await this.waiting()), PATIENCE);
    await until(
      'nobody works',
      async () => !(await this.count('"dingtalkSources" WHERE holder IS NOT NULL')),
      PATIENCE,
    );
  }

  private waiting(): Promise<number> {
    // Leavers are asked about once more, a while later.
    return this.count(`"dingtalkEvents" WHERE kind <> 'again'`);
  }

  private async count(from: string): Promise<number> {
    const { rows } = await this.rows.query(`SELECT count(*)::int AS count FROM ${from}`);
    return rows[0].count;
  }

  private async hear(way: Way): Promise<void> {
    this.dingtalk.removeCallback(CLIENT_ID);
    const keys = await this.nodes[0].ask('hear', way === 'HTTP' ? 'http' : 'stream');
    if (keys) {
      const url = new URL(keys.url);
      url.host = await this.balancer.over(this.nodes.map(({ started }) => new URL(started.url)));
      // Each node knows the keys a moment later, and each save asks the next one.
      const save = () => this.dingtalk.saveCallback(CLIENT_ID, { ...keys, url: url.href });
      const saveAtAll = async () => {
        for (let node = 0; node < this.nodes.length; node++) {
          await save();
        }
        return true;
      };
      await until('DingTalk has checked the address at each node', saveAtAll, PATIENCE);
    } else {
      const isOpen = () => this.dingtalk.stream.connections.filter(({ state }) => state === 'open').length;
      await until('all nodes are connected', async () => isOpen() === this.nodes.length, PATIENCE);
    }
  }

  /** Sign-ins of users who return, with nothing to read and with much, by turns. */
  async signIns(rounds: number, waiting: number): Promise<SignInRow[]> {
    await this.hear('Stream');
    this.dingtalk.data.settings.maxPerSecond = 0;
    const members = this.dingtalk.data.accounts.flatMap(({ memberships: [one] }) => one?.userid ?? []);
    // Of nobody, where there are not as many.
    const userids = Array.from({ length: waiting }, (_, index) => members[index] ?? `nobody${index}`);
    const found = { without: [] as Round[], with: [] as Round[] };
    // Nobody is measured cold.
    if ((await this.signInAll()).failures) {
      throw new Error('Not everybody can sign in.');
    }
    for (let round = 0; round < rounds; round++) {
      found.without.push(await this.signInAll());
      await this.nodes[0].ask('wait', userids);
      // They are read meanwhile, by a process that wakes up every 30 seconds, or by the next event.
      this.life.change('renamed');
      await until('they are read', async () => (await this.waiting()) < userids.length, PATIENCE);
      found.with.push(await this.signInAll());
      if ((await this.waiting()) === 0) {
        throw new Error('Nothing waited any more.');
      }
      await this.nodes[0].ask('wait', []);
      await this.quiet();
    }
    return [rowOf(0, found.without), rowOf(userids.length, found.with)];
  }

  private async signInAll(): Promise<Round> {
    const { url } = this.nodes[0].started;
    const ready = await atATime(AT_A_TIME, this.known, async (account) => {
      const browser = new Browser(url);
      const asked = new URL((await begin(browser)).url).searchParams;
      const state = asked.get('state') ?? '';
      const corpId = asked.get('corpId') ?? undefined;
      const scope = asked.get('scope') ?? undefined;
      const code = this.dingtalk.authorize({ clientId: CLIENT_ID, account, scope, corpId });
      const { fragment } = await comeBack(browser, { code, state });
      return () => finish(browser, fragment);
    });
    let failures = 0;
    const times = await atATime(AT_A_TIME, ready, async (signIn) => {
      const began = performance.now();
      const { status } = await signIn();
      failures += status === 200 ? 0 : 1;
      return performance.now() - began;
    });
    return { times, failures };
  }
}

const KNOWN = 100;
const AT_A_TIME = 5;

interface Round {
  times: number[];
  failures: number;
}

function rowOf(waiting: number, rounds: Round[]): SignInRow {
  const medians = rounds.map(({ times }) => median(times));
  const times = rounds.flatMap((round) => round.times);
  return {
    waiting,
    count: times.length,
    failures: rounds.reduce((sum, round) => sum + round.failures, 0),
    p50: median(medians),
    least: Math.min(...medians),
    most: Math.max(...medians),
    p95: quantile(times, 0.95),
  };
}

/** Hands each connection to the next node. */
class Balancer {
  private targets: URL[] = [];
  private next = 0;
  private readonly sockets = new Set<net.Socket>();
  private readonly server = net.createServer((socket) => {
    const { hostname, port } = this.targets[this.next++ % this.targets.length];
    const node = net.connect(Number(port), hostname);
    for (const one of [socket, node]) {
      this.sockets.add(one);
      one.on('close', () => this.sockets.delete(one)).on('error', () => undefined);
    }
    socket.pipe(node).pipe(socket);
  });

  async over(targets: URL[]): Promise<string> {
    this.targets = targets;
    if (!this.server.listening) {
      this.server.listen(0, '127.0.0.1');
      await once(this.server, 'listening');
    }
    return `127.0.0.1:${(this.server.address() as net.AddressInfo).port}`;
  }

  stop(): void {
    this.sockets.forEach((socket) => socket.destroy());
    this.server.close();
  }
}
