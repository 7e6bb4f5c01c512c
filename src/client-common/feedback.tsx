import { Alert, Spin } from 'antd';

/** What a page shows while it works. */
export const waiting = (text: string) => (
  <div role="status" style={{ textAlign: 'center' }}>
    <Spin /> {text}
  </div>
);

/** Why something failed, where there is something to say. */
export const failureAlert = (sentence?: string | false) =>
  sentence && <Alert type="error" message={sentence} style={{ margin: '8px 0' }} />;
