import { Alert } from 'antd';

/** Why there is no sign-in, where there is something to say. */
export const failureAlert = (sentence?: string | false) =>
  sentence && <Alert type="error" message={sentence} style={{ margin: '8px 0' }} />;
