import { App, Button, Checkbox, ConfigProvider, Form, Input, Space, theme } from 'antd';
import german from 'antd/locale/de_DE';
import english from 'antd/locale/en_US';
import chinese from 'antd/locale/zh_CN';
import { useEffect, useState, type ReactNode } from 'react';
import type { SourceOptions } from '../../src/shared/directory';
import { THEME_EVENT, type Look, type Theme } from '../look';
import type { State } from '../states';
import { antdTheme } from './theme';

/** antd's own words, of which the plugin's pages show few. */
const locales = new Map([
  ['de-DE', german],
  ['zh-CN', chinese],
]);

interface Parts {
  children?: ReactNode;
}

/**
 * What NocoBase's shells have around every page. Without the wave around a button that was pressed, which antd shows for
 * two seconds.
 */
export function Shell({ look, signedIn, children }: Parts & { look: Look; signedIn: boolean }) {
  const [current, setTheme] = useState(look.theme);
  useEffect(() => {
    const change = (event: Event) => setTheme((event as CustomEvent<Theme>).detail);
    addEventListener(THEME_EVENT, change);
    return () => removeEventListener(THEME_EVENT, change);
  }, []);
  return (
    <ConfigProvider
      theme={antdTheme({ ...look, theme: current }, signedIn)}
      locale={locales.get(look.language) ?? english}
      wave={{ disabled: true }}
    >
      <App>{children}</App>
    </ConfigProvider>
  );
}

/** The column of the sign-in page, with the list of authenticators or with a page that takes its place. */
export function SignInPage({ buttons, form, children }: Parts & { buttons?: ReactNode[]; form?: ReactNode }) {
  const { token } = theme.useToken();
  return (
    <main style={{ minHeight: '100vh', background: token.colorBgContainer }}>
      <div style={{ maxWidth: 320, margin: '0 auto', padding: '20vh 0' }}>
        {form && (
          <List>
            <div>{form}</div>
            <List>{buttons}</List>
          </List>
        )}
        {!form && (buttons ? <List>{buttons}</List> : children)}
      </div>
    </main>
  );
}

/** NocoBase's own form for a password. */
export const PasswordForm = () => (
  <Form layout="vertical">
    <Form.Item>
      <Input placeholder="Username/Email" />
    </Form.Item>
    <Form.Item>
      <Input.Password placeholder="Password" />
    </Form.Item>
    <Button block type="primary" htmlType="submit">
      Sign in
    </Button>
  </Form>
);

function List({ children }: Parts) {
  return (
    <Space direction="vertical" style={{ display: 'flex' }}>
      {children}
    </Space>
  );
}

/** A page for users who are signed in, below the header. */
export function UserPage({ children }: Parts) {
  const { token } = theme.useToken();
  return <main style={{ minHeight: '100vh', background: token.colorBgLayout }}>{children}</main>;
}

const SAVED = { id: 1, name: 'dingtalk', enabled: true };

/** The drawer with the form of an authenticator. */
export function SettingsDrawer({ options, record = SAVED, children }: Parts & Pick<State, 'options' | 'record'>) {
  return <FormDrawer values={{ ...record, options }}>{children}</FormDrawer>;
}

/** The drawer with the form of a source, which has no name before it is saved. */
export function SourceDrawer({ name, options, children }: Parts & { name?: string; options?: SourceOptions }) {
  return <FormDrawer values={{ name, sourceType: 'dingtalk', options }}>{children}</FormDrawer>;
}

/** The drawer with a form of NocoBase, half as wide as the window. */
export function FormDrawer({ values, children }: Parts & { values: object }) {
  const { token } = theme.useToken();
  return (
    <main style={{ minHeight: '100vh', background: token.colorBgMask }}>
      <div style={{ minHeight: '100vh', width: '50%', marginInlineStart: '50%', background: token.colorBgElevated }}>
        <div className="ant-drawer-body" style={{ padding: token.paddingLG }}>
          <Form layout="vertical" initialValues={values}>
            {/* NocoBase has fields for these. */}
            <Form.Item hidden name="name">
              <Input />
            </Form.Item>
            <Form.Item hidden name="enabled" valuePropName="checked">
              <Checkbox />
            </Form.Item>
            {children}
          </Form>
        </div>
      </div>
    </main>
  );
}
