import { partsOf } from './gallery/checks';
import { stateOf } from './gallery/states';
import { GalleryVisit } from './gallery/visit';
import { launchBrowser } from './testing/browser/launch';
async function main() {
  const { browser, stop } = await launchBrowser();
  try {
    const visit = await GalleryVisit.begin(await browser.newContext());
    for (const [name, client, size, language] of [
      ['test-matched', 'v1', 'desktop', 'en-US'],
      ['test-refused', 'v2', 'phone', 'en-US'],
      ['test-new-user', 'v2', 'desktop', 'zh-CN'],
      ['test-failed', 'v1', 'phone', 'zh-CN'],
      ['test-gone', 'v1', 'desktop', 'en-US'],
      ['settings-test', 'v2', 'desktop', 'en-US'],
      ['settings-test-no-tab', 'v2', 'desktop', 'zh-CN'],
    ] as const) {
      const state = stateOf(name);
      await visit.open(state, { client, language, theme: 'compact' } as never, size);
      await partsOf(visit.page, state).first().scrollIntoViewIfNeeded();
      await visit.page.screenshot({ path: `/tmp/t/${name}-${client}-${size}.png` });
    }
  } finally {
    await stop();
  }
}
main().catch((error) => { console.error(error); process.exit(1); });
