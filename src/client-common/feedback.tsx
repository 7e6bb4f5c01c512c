import { Spin } from 'antd';

/** What a page shows while it works. */
export const waiting = (text: string) => (
  <div role="status" style={{ textAlign: 'center' }}>
    <Spin /> {text}
  </div>
);
