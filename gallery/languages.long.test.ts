import { launchBrowser, type LaunchedBrowser } from '../testing/browser/launch';
import { languages } from './bundle';
import { overflowsIn } from './small-screen';
import { GalleryVisit } from './visit';

/** The states with every sentence that can be long. */
const full = [
  ...['every-failure', 'every-finding', 'link-first', 'failure-signed-in'],
  ...['account-only-way-in', 'account-pending', 'account-declined'],
  ...['linked-users', 'linked-users-unlink', 'linked-users-block', 'linked-users-just-blocked'],
  ...['blocked-users', 'not-matched-again', 'not-matched-again-allow'],
  ...['source-chosen', 'source-more', 'source-report', 'source-stopped', 'source-allow-stop', 'source-link-user'],
  ...['source-end-ways-in', 'source-stream-new', 'source-stream-waiting', 'source-http', 'source-http-ask'],
  ...['source-http-new', 'source-http-keys'],
  ...['channel-form', 'channel-test', 'channel-test-failed', 'message-card', 'message-form'],
  ...['settings-warning', 'settings-chosen', 'settings-more', 'settings-more-without-corp-id'],
];

let launched: LaunchedBrowser;
let visit: GalleryVisit;

beforeAll(async () => {
  launched = await launchBrowser();
  visit = await GalleryVisit.begin(await launched.browser.newContext());
});

afterAll(() => launched?.stop());

it.each(languages)('%s: all sentences fit on a small screen', async (language) => {
  expect(await overflowsIn(visit, language, full)).toEqual([]);
});
