import { Fragment, type ReactNode } from 'react';

/** What of a line is more than text: pictures, links, bold and italic words, as DingTalk shows them. */
const INLINE = /(!?)\[([^\]\n]*)\]\(([^)\s]*)\)|\*\*([^*\n]+)\*\*|\*([^*\n]+)\*/g;

/** One line. A link leads nowhere here, and a picture is not loaded: both are for those who get the message. */
function inline(text: string): ReactNode[] {
  const parts: ReactNode[] = [];
  let end = 0;
  for (const { 0: whole, 1: mark, 2: label, 3: address, 4: bold, 5: italic, index } of text.matchAll(INLINE)) {
    parts.push(text.slice(end, index));
    if (bold !== undefined) {
      parts.push(<strong key={index}>{bold}</strong>);
    } else if (italic !== undefined) {
      parts.push(<em key={index}>{italic}</em>);
    } else {
      parts.push(
        <span key={index} title={address} style={mark ? { border: '1px dashed', padding: '0 4px' } : LINK}>
          {label}
        </span>,
      );
    }
    end = index + whole.length;
  }
  parts.push(text.slice(end));
  return parts;
}

/** The color that links have in DingTalk, somewhat darker: it could not be read otherwise. */
export const LINK = { color: '#0a63c9', textDecoration: 'underline' };

const SIZES = [22, 20, 18, 16, 15, 14];

/** A line, by how it begins. */
function block(line: string): ReactNode {
  const [, marks, heading] = /^(#{1,6})\s+(.*)$/.exec(line) ?? [];
  if (marks) {
    return <div style={{ fontSize: SIZES[marks.length - 1], fontWeight: 600 }}>{inline(heading)}</div>;
  }
  const [, quoted] = /^>\s?(.*)$/.exec(line) ?? [];
  if (quoted !== undefined) {
    return <div style={{ borderInlineStart: '3px solid #c4c8ce', paddingInlineStart: 8 }}>{inline(quoted)}</div>;
  }
  const [, sign, entry] = /^\s*([-*+]|\d{1,3}\.)\s+(.*)$/.exec(line) ?? [];
  if (sign) {
    return (
      <div style={{ paddingInlineStart: 12 }}>
        {/^\d/.test(sign) ? sign : '•'} {inline(entry)}
      </div>
    );
  }
  return <div>{line.trim() ? inline(line) : <br />}</div>;
}

/** Markdown as DingTalk's app shows it, as far as that is documented: nothing of it is ever HTML. */
export const DingTalkMarkdown = ({ text }: { text: string }) =>
  text.split('\n').map((line, index) => <Fragment key={index}>{block(line)}</Fragment>);
