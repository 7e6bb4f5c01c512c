export { AuthDingTalk } from './sign-in/auth-dingtalk';
export { default } from './plugin';
