import type { EndpointName } from './names';

/** What a hook learns of the call: the parameters of the body, or of the query where there is no body. */
export type HookAction = (parameters: Record<string, unknown>) => void | Promise<void>;

/** What the tests of an application do in the middle of its calls. */
export class Hooks {
  private waiting: { endpoint: EndpointName; left: number; action: HookAction }[] = [];

  /** Before the n-th call of the endpoint from now on is answered; 1 is the next one. */
  add(endpoint: EndpointName, n: number, action: HookAction): void {
    this.waiting.push({ endpoint, left: n, action });
  }

  async run(endpoint: EndpointName, parameters: Record<string, unknown>): Promise<void> {
    const concerned = this.waiting.filter((hook) => hook.endpoint === endpoint);
    const due = concerned.filter((hook) => --hook.left <= 0);
    this.waiting = this.waiting.filter((hook) => !due.includes(hook));
    for (const { action } of due) {
      await action(parameters);
    }
  }

  clear(): void {
    this.waiting = [];
  }
}
