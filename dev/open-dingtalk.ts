import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { devices, DingTalkClient, looks } from '../emulator/client/playwright';
import { findChromium } from './programs';

const usage = `A browser window as the DingTalk client, in which somebody is signed in. The emulator must be running.

  --url <address>            what to open (default http://127.0.0.1:13000/)
  --device <name>            ${devices.join(', ')} (default android)
  --account <id>             who is signed in to the client (default zhang-wei)
  --client-version <number>  version of the client (default: a recent one)
  --emulator <address>       default http://127.0.0.1:13400
  --help`;

/** Of the window: what is above the page. */
const BARS = 90;

async function main(): Promise<void> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: {
      url: { ...text, default: 'http://127.0.0.1:13000/' },
      device: { ...text, default: 'android' },
      account: { ...text, default: 'zhang-wei' },
      'client-version': text,
      emulator: { ...text, default: 'http://127.0.0.1:13400' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    process.stdout.write(`${usage}\n`);
    return;
  }
  const device = devices.find((name) => name === values.device);
  if (!device) {
    throw new Error(`--device must be one of ${devices.join(', ')}`);
  }

  const { width, height } = looks[device].viewport;
  const browser = await chromium.launch({
    executablePath: findChromium(),
    headless: false,
    args: [`--window-size=${width},${height + BARS}`, ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
  });
  try {
    const { account, emulator, 'client-version': clientVersion } = values;
    const client = await DingTalkClient.open(browser, emulator, { id: device, device, account, clientVersion });
    const page = await client.context.newPage();
    const closed = page.waitForEvent('close', { timeout: 0 });
    await page.goto(values.url);
    await closed;
  } finally {
    await browser.close();
  }
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
