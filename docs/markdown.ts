import GithubSlugger from 'github-slugger';
import MarkdownIt from 'markdown-it';

/** What the checks of the documentation read of a page. */
export interface Page {
  headings: { level: number; text: string; anchor: string }[];
  /** Targets of links, as they are written. */
  links: string[];
  images: string[];
  /** What stands in backticks. */
  code: string[];
  codeBlocks: string[];
  /** Each as its rows, each as its cells in Markdown. */
  tables: string[][][];
}

const parser = new MarkdownIt();
// Keep addresses as the page has them, and show those that the parser would reject.
parser.normalizeLink = (url) => url;
parser.validateLink = () => true;

export function parse(markdown: string): Page {
  const page: Page = { headings: [], links: [], images: [], code: [], codeBlocks: [], tables: [] };
  const slugger = new GithubSlugger();
  const blocks = parser.parse(markdown, {});
  blocks.forEach(({ type, tag, content }, index) => {
    if (type === 'heading_open') {
      const parts = blocks[index + 1].children ?? [];
      const text = parts.map((part) => part.content).join('');
      page.headings.push({ level: Number(tag.slice(1)), text, anchor: slugger.slug(text) });
    } else if (type === 'fence') {
      page.codeBlocks.push(content);
    } else if (type === 'table_open') {
      page.tables.push([]);
    } else if (type === 'tr_open') {
      page.tables.at(-1)?.push([]);
    } else if (type === 'th_open' || type === 'td_open') {
      page.tables
        .at(-1)
        ?.at(-1)
        ?.push(blocks[index + 1].content);
    }
  });
  for (const part of blocks.flatMap(({ children }) => children ?? [])) {
    if (part.type === 'link_open') {
      page.links.push(String(part.attrGet('href')));
    } else if (part.type === 'image') {
      page.images.push(String(part.attrGet('src')));
    } else if (part.type === 'code_inline') {
      page.code.push(part.content);
    }
  }
  return page;
}
