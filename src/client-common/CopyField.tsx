import { App, Button, Input, Space } from 'antd';

interface Props {
  t: (key: string) => string;
  id?: string;
  /** In v1, NocoBase's label does not belong to a field. */
  label: string;
  value: string;
  /** Name of the button, where there are several of them. */
  copyLabel?: string;
}

/** A value, read-only, with a button that copies it. */
export function CopyField({ t, id, label, value, copyLabel }: Props) {
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
      <Button aria-label={copyLabel} onClick={copy}>
        {t('Copy')}
      </Button>
    </Space.Compact>
  );
}

/** @returns whether it was copied: a browser may refuse it */
export async function copyText(text: string): Promise<boolean> {
  // Browsers have it on https and on localhost alone, and forms are needed on plain http as well.
  if (navigator.clipboard) {
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
  }
  const area = document.createElement('textarea');
  area.value = text;
  // Beside the button: a drawer keeps the focus inside, so a text area elsewhere could not be selected.
  (document.activeElement?.parentElement ?? document.body).append(area);
  area.select();
  const copied = document.execCommand('copy');
  area.remove();
  return copied;
}
