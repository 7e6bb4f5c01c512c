import { readFileSync } from 'node:fs';
import type axe from 'axe-core';
import type { Locator } from 'playwright-core';

declare global {
  interface Window {
    axe: typeof axe;
  }
}

const SCRIPT = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds wrong with these parts of a page, by all of its rules that are no experiments. */
export async function faultsOf(parts: Locator, exceptAt: string[] = []): Promise<string[]> {
  await parts.first().waitFor();
  if (!(await parts.page().evaluate(() => 'axe' in window))) {
    await parts.page().evaluate(SCRIPT);
  }
  return parts.evaluateAll(async (include, exclude) => {
    const { violations } = await window.axe.run({ include, exclude });
    return violations.flatMap(({ id, impact, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${impact} ${id}: ${html}\n${failureSummary}`),
    );
  }, exceptAt);
}
