import { App, Button, Input, Space } from 'antd';

interface Props {
  id?: string;
  /** For screen readers: in v1 NocoBase's label is tied to no field. */
  label: string;
  value: string;
  t: (key: string) => string;
}

/** A read-only value with a button that copies it, also on plain http, where browsers have no `navigator.clipboard`. */
export function CopyableText({ id, label, value, t }: Props) {
  const { message } = App.useApp();
  const copy = async () => {
    if (await copyText(value)) {
      message.success(t('Copied'));
    } else {
      message.error(t('Could not copy. Please select the text and copy it yourself.'));
    }
  };
  return (
    <Space.Compact block>
      <Input id={id} aria-label={label} readOnly value={value} onFocus={(event) => event.target.select()} />
      <Button onClick={copy}>{t('Copy')}</Button>
    </Space.Compact>
  );
}

async function copyText(text: string): Promise<boolean> {
  if (navigator.clipboard) {
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
  }
  const area = document.createElement('textarea');
  area.value = text;
  // Inside a drawer the focus is kept there: a text area elsewhere could not be selected.
  (document.activeElement?.parentElement ?? document.body).append(area);
  area.select();
  const copied = document.execCommand('copy');
  area.remove();
  return copied;
}
