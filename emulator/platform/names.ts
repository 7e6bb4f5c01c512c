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
  'connections/open',
  'connect',
  'get_call_back_failed_result',
  'message/corpconversation/asyncsend_v2',
  'message/corpconversation/getsendresult',
  'message/corpconversation/getsendprogress',
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

/** Of the gateway of events alone. */
export const gatewayFaultKinds = ['authFailed401', 'unavailable503', 'html400', 'foreignEndpoint'] as const;

/** What may happen to an event on its way to the application: by Stream, and by HTTP. */
export const deliveryFaultKinds = {
  stream: [
    'eventLost',
    'eventTwice',
    'eventForeignCorp',
    'eventForeignType',
    'frameNotJson',
    'frameHuge',
    'frameUnknownType',
    'streamDisconnect',
    'streamSilent',
    'streamDrop',
  ],
  push: [
    'eventLost',
    'eventTwice',
    'eventForeignCorp',
    'eventForeignType',
    'pushWrongKey',
    'pushWrongSignature',
    'pushOldTimestamp',
    'pushTruncated',
    'pushHuge',
  ],
} as const;
export type DeliveryFaultKind = (typeof deliveryFaultKinds)[Channel][number];

/** The ways in which an app gets its events. */
export const channels = ['stream', 'push'] as const;
export type Channel = (typeof channels)[number];

/** The events of an address book. */
export const eventTypes = [
  'user_add_org',
  'user_modify_org',
  'user_leave_org',
  'user_active_org',
  'org_dept_create',
  'org_dept_modify',
  'org_dept_remove',
] as const;
export type EventType = (typeof eventTypes)[number];

export type EndpointName = (typeof endpointNames)[number];
export type FaultKind = (typeof faultKinds)[number];
export type GatewayFaultKind = (typeof gatewayFaultKinds)[number];
export type DirectoryFaultKind = (typeof directoryFaultKinds)[number];

/**
 * What the DingTalk client runs on. `taurus-…` are the builds that some organizations have for themselves (专有钉钉): their
 * user agents name TaurusApp beside DingTalk, or, as `taurus-alone`, in place of it.
 */
export const devices = ['android', 'ios', 'pc', 'harmony', 'taurus-android', 'taurus-ios', 'taurus-alone'] as const;
export type Device = (typeof devices)[number];
