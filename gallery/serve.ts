import { context } from 'esbuild';
import { buildOptions, FOLDER } from './bundle';

const PORT = 8480;

/** `npm run gallery`: the gallery in a browser, built anew with every change of a file. */
async function main(): Promise<void> {
  const gallery = await context({ ...buildOptions, sourcemap: 'inline' });
  await gallery.watch();
  const { port } = await gallery.serve({ host: '127.0.0.1', port: PORT, servedir: FOLDER });
  process.stdout.write(`http://127.0.0.1:${port}/\n`);
}

void main();
