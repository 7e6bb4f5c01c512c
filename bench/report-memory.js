// Preloaded into the NocoBase that is measured (node -r): says what it holds in memory when it is asked.
const { renameSync, writeFileSync } = require('node:fs');
const { setFlagsFromString } = require('node:v8');
const { runInNewContext } = require('node:vm');

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

process.on('SIGUSR2', () => {
  collectGarbage();
  const { heapUsed, rss } = process.memoryUsage();
  const file = process.env.BENCH_MEMORY_FILE;
  writeFileSync(`${file}.tmp`, JSON.stringify({ heap: heapUsed / 2 ** 20, rss: rss / 2 ** 20 }));
  renameSync(`${file}.tmp`, file);
});
