/** What was pushed in vain. */
interface FailedPush {
  type: string;
  corpId: string;
  bornAt: number;
  data: Record<string, unknown>;
}

/** The events of each app that were pushed in vain, for a while, until the app reads them. */
export class FailedPushes {
  private readonly lists = new Map<string, (FailedPush & { failedAt: number })[]>();

  constructor(
    private readonly now: () => number,
    private readonly keptMs: () => number,
  ) {}

  add(clientId: string, { type, corpId, bornAt, data }: FailedPush): void {
    this.lists.set(clientId, [...this.listOf(clientId), { type, corpId, bornAt, data, failedAt: this.now() }]);
  }

  /** The oldest ones, which are on the list no more. */
  take(clientId: string, most: number): { events: FailedPush[]; hasMore: boolean } {
    const list = this.listOf(clientId);
    this.lists.set(clientId, list.slice(most));
    return { events: list.slice(0, most), hasMore: list.length > most };
  }

  clear(): void {
    this.lists.clear();
  }

  private listOf(clientId: string) {
    const oldest = this.now() - this.keptMs();
    return (this.lists.get(clientId) ?? []).filter(({ failedAt }) => failedAt > oldest);
  }
}
