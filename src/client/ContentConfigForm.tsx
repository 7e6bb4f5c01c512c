import { observer, useField } from '@formily/react';
import { SchemaComponent } from '@nocobase/client';
import type { ClientPlugin, Translate } from '../client-common/nocobase';
import {
  DEFAULT_TYPE,
  fieldsOf,
  layoutWords,
  MESSAGE_TYPES,
  typeWords,
} from '../client-common/notifications/message-types';
import { Preview as AnyPreview } from '../client-common/notifications/Preview';
import type { MessageType } from '../shared/messages';

type Node = Record<string, unknown>;

/** NocoBase writes `&lt;` for `<` where a variable stands in double braces. */
const DELIMITERS = ['{{{', '}}}'];

/** Shown for these types alone. What is hidden keeps its value, as whoever looks at another type may come back. */
const onlyFor = (types: MessageType[]): Node => ({
  'x-reactions': {
    dependencies: ['content.type'],
    fulfill: { state: { display: `{{${JSON.stringify(types)}.includes($deps[0]) ? 'visible' : 'hidden'}}}` } },
  },
});

/** The form of a template, which says what a message has, but not to whom it goes, in v1. */
export default (plugin: ClientPlugin) => {
  const t: Translate = (key, values) => plugin.t(key, values);
  const Preview = observer(() => {
    const content = useField().query('.content').value();
    // A copy reads all of it: Formily renders this again only where a value changes that was read here.
    return <AnyPreview plugin={plugin} content={JSON.parse(JSON.stringify(content ?? {}))} />;
  });
  const ContentConfigForm = ({ variableOptions }: { variableOptions?: unknown }) => (
    <SchemaComponent components={{ Preview }} schema={schemaOf(t, variableOptions)} />
  );
  return { default: ContentConfigForm };
};

function schemaOf(t: Translate, scope: unknown): Node {
  const variable = (title: string, isLong = false): Node => ({
    type: 'string',
    title,
    'x-decorator': 'FormItem',
    'x-component': 'Variable.RawTextArea',
    'x-component-props': { scope, delimiters: DELIMITERS, autoSize: { minRows: isLong ? 5 : 1 } },
  });
  const choice = (title: string, words: Record<string, string>, first: string): Node => ({
    type: 'string',
    title,
    default: first,
    enum: Object.entries(words).map(([value, label]) => ({ value, label })),
    'x-decorator': 'FormItem',
    'x-component': 'Radio.Group',
  });

  const all = MESSAGE_TYPES.map((type) => ({ type, ...fieldsOf(t, type) }));
  const properties: Record<string, Node> = { type: choice(t('Type'), typeWords(t), DEFAULT_TYPE) };
  for (const { name, label, isLong, means } of all.flatMap(({ texts }) => texts)) {
    const types = all.filter(({ texts }) => texts.some((each) => each.name === name)).map(({ type }) => type);
    // `title` and `url` have the same words in each type; the rules of Markdown stand at its first.
    properties[name] = { ...variable(label, isLong), description: means, ...onlyFor(types) };
  }
  for (const { type, lists } of all) {
    for (const { name, label, add, most, entries } of lists) {
      properties[name] = {
        type: 'array',
        title: label,
        maxItems: most,
        'x-decorator': 'FormItem',
        'x-component': 'ArrayItems',
        ...onlyFor([type]),
        items: {
          type: 'object',
          properties: {
            ...Object.fromEntries(entries.map((entry) => [entry.name, variable(entry.label)])),
            remove: { type: 'void', 'x-component': 'ArrayItems.Remove' },
          },
        },
        properties: { add: { type: 'void', title: add, 'x-component': 'ArrayItems.Addition' } },
      };
    }
  }
  properties.layout = { ...choice(t('Buttons'), layoutWords(t), 'vertical'), ...onlyFor(['actionCard']) };
  return {
    type: 'void',
    properties: { content: { type: 'object', properties }, preview: { type: 'void', 'x-component': 'Preview' } },
  };
}
