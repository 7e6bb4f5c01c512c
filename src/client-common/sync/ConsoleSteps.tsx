import { Collapse, Typography } from 'antd';
import type { EventMode } from '../../shared/events';
import { LINK } from '../Findings';
import type { Translate } from '../nocobase';

const CONSOLE = 'https://open-dev.dingtalk.com';

/** The events that a source follows, with their names in DingTalk's console. */
const EVENTS = {
  user_add_org: '通讯录用户增加',
  user_modify_org: '通讯录用户更改',
  user_leave_org: '通讯录用户离职',
  user_active_org: '加入企业后用户激活',
  org_dept_create: '通讯录企业部门创建',
  org_dept_modify: '通讯录企业部门修改',
  org_dept_remove: '通讯录企业部门删除',
};

interface Props {
  t: Translate;
  mode: Exclude<EventMode, 'off'>;
  /** Whether they are shown at first. */
  isOpen: boolean;
}

/** Where to click in DingTalk's console. Its words are Chinese, in every language of NocoBase. */
export function ConsoleSteps({ t, mode, isOpen }: Props) {
  const steps = {
    stream: [
      t('Open the app, then 开发配置 › 事件订阅, and choose Stream 模式推送.'),
      t('While the connection above is open, press 已完成接入，验证连接通道, then 保存.'),
    ],
    http: [
      t('Make the token and the AES key above.'),
      t('Open the app, then 开发配置 › 事件订阅, and choose HTTP 推送.'),
      t('Enter 加密 aes_key, 签名 token and 请求网址, then press 保存. DingTalk checks the address at once.'),
    ],
  };
  const children = (
    <>
      <a href={CONSOLE} target="_blank" rel="noopener noreferrer" style={LINK}>
        {t('DingTalk developer console')}
      </a>
      <ol style={{ margin: '8px 0 0', paddingInlineStart: 20 }}>
        {steps[mode].map((step) => (
          <li key={step}>{step}</li>
        ))}
        <li>
          {t('Tick these events, and no others:')}
          <ul style={{ paddingInlineStart: 20 }}>
            {Object.entries(EVENTS).map(([type, name]) => (
              <li key={type}>
                <Typography.Text code>{type}</Typography.Text> <span lang="zh-CN">{name}</span>
              </li>
            ))}
          </ul>
        </li>
      </ol>
    </>
  );
  return (
    <Collapse
      size="small"
      style={{ marginTop: 8 }}
      defaultActiveKey={isOpen ? 'steps' : undefined}
      items={[{ key: 'steps', label: t('Steps in DingTalk’s console'), children }]}
    />
  );
}
