import type { Endpoint } from '../endpoint';
import { accessToken, corpToken, gettoken, jsapiTickets } from './app-token';
import { getByMobile, getByUnionId, getUser, getUserInfo } from './member';
import { authRules, me } from './person';
import { userAccessToken } from './user-token';

export const endpoints: Endpoint[] = [
  userAccessToken,
  me,
  authRules,
  accessToken,
  gettoken,
  corpToken,
  jsapiTickets,
  getByUnionId,
  getUser,
  getByMobile,
  getUserInfo,
];
