import { rollup } from 'rollup';
import configs from './rollup.config.mjs';
import { gzipSync } from 'node:zlib';
for (const c of configs.filter((c) => /dist\/client(-v2)?\/index.js/.test(c.output.file ?? ''))) {
  const b = await rollup(c); const { output } = await b.generate(c.output);
  console.log(c.output.file, gzipSync(output[0].code, { level: 9 }).length);
  if (process.argv[2]) console.log(output[0].code);
}
