import { name } from '../../package.json';

/** Namespace of the translations, and the name under which NocoBase loads this plugin. */
export const PACKAGE_NAME = name;

/** Stored in `authenticators.authType`: never rename it. */
export const AUTH_TYPE = 'dingtalk';

/** Resource of the plugin's own actions. */
export const RESOURCE = 'dingtalk';

/** The action to which DingTalk sends the browser back; its address is the Redirect URL. */
export const REDIRECT_ACTION = `${RESOURCE}:redirect`;

/** The action to which DingTalk sends events by HTTP. */
export const EVENT_ACTION = `${RESOURCE}:event`;

/** The page of each client, below its base, to which DingTalk's answer is sent on. */
export const CALLBACK_PATH = '/signin/dingtalk';

/** The same for a user who links an account. Written out, as a template would cost the sign-in page's bundle 7 bytes. */
export const LINK_PATH: `${typeof CALLBACK_PATH}/link` = '/signin/dingtalk/link';

/**
 * What stands behind the address of that page where a test of a sign-in ends: a page of its own would be one more route,
 * for which the sign-in page's bundle has no room.
 */
export const TEST_PAGE = '?test';

/** The page of each client, below its base, where users link and unlink their DingTalk account. */
export const ACCOUNT_PATH = '/admin/dingtalk';

/** Stored in `userDataSyncSources.sourceType`: never rename it. */
export const SOURCE_TYPE = 'dingtalk';

/**
 * The fields of a member that a source can write, by their names in its options, in the order of the form. Stored in
 * `userDataSyncSources.options`: never rename one.
 */
export const FIELD_NAMES = ['nickname', 'phone', 'email', 'jobNumber', 'title', 'avatar', 'workPlace'] as const;
/** Stored in `notificationChannels.notificationType`: never rename it. */
export const CHANNEL_TYPE = 'dingtalk';
