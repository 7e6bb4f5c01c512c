import type { Context } from 'koa';

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escape = (text: string) => text.replace(/[&<>"']/g, (character) => escapes[character] ?? '');

export class Html {
  constructor(readonly source: string) {}
}

/** Every value is escaped unless it is HTML from here. */
export function html(strings: TemplateStringsArray, ...values: (string | Html | Html[])[]): Html {
  const safe = (value: string | Html | Html[]): string =>
    Array.isArray(value)
      ? value.map((each) => each.source).join('')
      : value instanceof Html
        ? value.source
        : escape(value);
  return new Html(strings.reduce((text, part, index) => text + safe(values[index - 1] ?? '') + part));
}

const style = new Html(`<style>
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: light-dark(#f2f4f7, #17191c); }
  main { width: min(22rem, 100vw - 4rem); padding: 2rem; border-radius: 1rem; background: light-dark(#fff, #24272b); }
  h1 { margin: 0 0 .25rem; font-size: 1.25rem; }
  h2 { margin: 1.5rem 0 .25rem; font-size: 1rem; }
  p { margin: 0 0 1.25rem; opacity: .75; overflow-wrap: anywhere; }
  form { display: grid; grid-template-columns: minmax(0, 1fr); gap: .5rem; }
  select, input { font: inherit; box-sizing: border-box; width: 100%; padding: .5rem; }
  button { font: inherit; text-align: start; padding: .6rem .9rem; border: 1px solid #8886; border-radius: .6rem;
    background: none; color: inherit; cursor: pointer; overflow-wrap: anywhere; }
  button:hover, button:focus-visible { border-color: #1677ff; }
  button small { display: block; opacity: .65; }
  .main { text-align: center; color: #fff; background: #1677ff; border-color: #1677ff; }
  .other { text-align: center; }
</style>`);

/** A whole page. */
export const page = (title: string, content: Html): string =>
  html`<!doctype html>
    <html lang="zh-CN">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>${title}</title>
        ${style}
      </head>
      <body>
        <main>${content}</main>
      </body>
    </html> `.source;

export function setPageHeaders(ctx: Context): void {
  ctx.set('Content-Type', 'text/html;charset=utf-8');
  ctx.set('Cache-Control', 'no-store');
  ctx.set('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'");
}
