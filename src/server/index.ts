export { AuthDingTalk } from './auth-dingtalk';
export { default } from './plugin';
