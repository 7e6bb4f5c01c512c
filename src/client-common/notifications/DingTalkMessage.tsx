import type { CSSProperties, ReactNode } from 'react';
import type { MessagePreview } from '../../shared/messages';
import { DingTalkMarkdown, LINK } from './markdown';

type Message = MessagePreview['message'];

/** The colors of DingTalk in the light of day, whatever the theme here. */
const CARD: CSSProperties = {
  maxWidth: 340,
  padding: 12,
  borderRadius: 8,
  background: '#fff',
  color: '#171a1d',
  overflowWrap: 'anywhere',
  lineHeight: 1.5,
};
const BUTTON: CSSProperties = { flex: 1, padding: '8px 4px', textAlign: 'center', color: LINK.color };

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const recordOf = (value: unknown) => (typeof value === 'object' && value ? (value as Record<string, unknown>) : {});
const listOf = (value: unknown) => (Array.isArray(value) ? value.map(recordOf) : []);

/** A message as DingTalk’s app shows it to whoever gets it. Its links lead nowhere, and its pictures are not loaded. */
export function DingTalkMessage({ message }: { message: Message }) {
  const fields = recordOf(message[message.msgtype]);
  return <div style={{ padding: 12, borderRadius: 8, background: '#eef0f3' }}>{shown[message.msgtype](fields)}</div>;
}

const shown: Record<Message['msgtype'], (fields: Record<string, unknown>) => ReactNode> = {
  text: ({ content }) => <div style={{ ...CARD, whiteSpace: 'pre-wrap' }}>{textOf(content)}</div>,

  markdown: ({ text }) => (
    <div style={CARD}>
      <DingTalkMarkdown text={textOf(text)} />
    </div>
  ),

  action_card(fields) {
    const several = listOf(fields.btn_json_list).map(({ title }) => textOf(title));
    const buttons = several.length ? several : [textOf(fields.single_title)];
    return (
      <div style={CARD}>
        <DingTalkMarkdown text={textOf(fields.markdown)} />
        <div
          style={{
            display: 'flex',
            flexDirection: fields.btn_orientation === '1' ? 'row' : 'column',
            marginTop: 8,
            borderTop: '1px solid #e5e6e8',
          }}
        >
          {buttons.map((title, index) => (
            <div key={index} style={BUTTON}>
              {title}
            </div>
          ))}
        </div>
      </div>
    );
  },

  oa(fields) {
    const body = recordOf(fields.body);
    return (
      <div style={CARD}>
        <div style={{ color: '#5c6066', fontSize: 13 }}>{textOf(recordOf(fields.head).text)}</div>
        <div style={{ fontWeight: 600 }}>{textOf(body.title)}</div>
        {listOf(body.form).map(({ key, value }, index) => (
          <div key={index} style={{ display: 'flex', gap: 8 }}>
            <span style={{ color: '#5c6066' }}>{textOf(key)}</span>
            <span>{textOf(value)}</span>
          </div>
        ))}
        <div style={{ whiteSpace: 'pre-wrap' }}>{textOf(body.content)}</div>
        <div style={{ color: '#5c6066', fontSize: 13 }}>{textOf(body.author)}</div>
      </div>
    );
  },
};
