/** The endpoints, by the last distinctive part of their path: what a fault rule may name. */
export const endpointNames = [
  'auth',
  'userAccessToken',
  'users/me',
  'authRules/user',
  'accessToken',
  'gettoken',
  'corpToken',
  'jsapiTickets',
  'user/getbyunionid',
  'v2/user/get',
  'v2/user/getbymobile',
  'v2/user/getuserinfo',
  'v2/user/list',
  'user/listid',
  'user/listsimple',
  'user/count',
  'v2/department/listsub',
  'v2/department/listsubid',
  'v2/department/get',
  'v2/department/listparentbydept',
  'v2/department/listparentbyuser',
  'auth/scopes',
  'empLeaveRecords',
  'requestAuthCode',
] as const;

export const faultKinds = [
  'hang',
  'slow',
  'drip',
  'reset',
  'redirect302',
  'redirect307',
  'empty204',
  'htmlBan',
  'jsonBan',
  'hugeBody',
  'hugeBodyDeclared',
  'truncatedJson',
  'jsonNull',
  'jsonArray',
  'wrongTypes',
  'numbersAsStrings',
  'protoKeys',
  'throttle403',
  'throttle88',
  'permission403',
  'ipNotAllowed403',
  'invalidToken400',
  'token88',
  'revokedToken',
  'permission88',
  'ipNotAllowed88',
  'throttle90018',
  'busyMinus1',
  'error500',
  'wrongCharset',
  'consumeThenHang',
  'missingOptional',
  'maskedMobile',
  'jsapiCancelled',
  'jsapiAbsent',
  'jsapiDomain',
  'jsapiCorpId',
  'jsapiDenied',
] as const;

/** Of the address book alone: what becomes of lists, and of departments and members that change under the reader. */
export const directoryFaultKinds = [
  'emptyList',
  'halfList',
  'lastPageFails',
  'endlessPages',
  'noDepartment60003',
  'outOfScope50004',
  'outOfScope50002',
  'noMember60121',
] as const;

export type EndpointName = (typeof endpointNames)[number];
export type FaultKind = (typeof faultKinds)[number];
export type DirectoryFaultKind = (typeof directoryFaultKinds)[number];

/**
 * What the DingTalk client runs on. `taurus-…` are the builds that some organizations have for themselves (专有钉钉): their
 * user agents name TaurusApp beside DingTalk, or, as `taurus-alone`, in place of it.
 */
export const devices = ['android', 'ios', 'pc', 'harmony', 'taurus-android', 'taurus-ios', 'taurus-alone'] as const;
export type Device = (typeof devices)[number];
