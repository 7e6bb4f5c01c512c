import type { Device } from '../platform/names';

interface Look {
  userAgent: (clientVersion: string) => string;
  /** What is left to the page, in CSS pixels: the client's own bar is above it. */
  viewport: { width: number; height: number };
  deviceScaleFactor: number;
  isMobile: boolean;
  hasTouch: boolean;
}

const phone = { isMobile: true, hasTouch: true };

const android: Look = {
  userAgent: (version) =>
    'Mozilla/5.0 (Linux; U; Android 14; zh-CN; 23127PN0CC Build/UKQ1.230804.001) AppleWebKit/537.36 (KHTML, like Gecko) ' +
    'Version/4.0 Chrome/100.0.4896.58 UWS/5.12.3.0 Mobile Safari/537.36 ' +
    `AliApp(DingTalk/${version}) com.alibaba.android.rimet/46766536 Channel/212200 language/zh-CN ` +
    'abi/64 UT4Aplus/0.2.25 colorScheme/light',
  viewport: { width: 393, height: 756 },
  deviceScaleFactor: 2.75,
  ...phone,
};

const ios: Look = {
  userAgent: (version) =>
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/22E240 ' +
    `AliApp(DingTalk/${version}) com.laiwang.DingTalk/46766536 Channel/201200 language/zh-Hans-CN UT4Aplus/0.0.6 WK`,
  viewport: { width: 390, height: 753 },
  deviceScaleFactor: 3,
  ...phone,
};

/** User agents as real clients sent them, but for the version; those of TaurusApp are as `dingtalk-jsapi` reads them. */
export const looks: Record<Device, Look> = {
  android,
  ios,
  pc: {
    userAgent: (version) =>
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/133.0.6943.142 ' +
      `Safari/537.36 dingtalk-win/1.0.0 nw(0.14.7) DingTalk(${version}-Release.251202013) ` +
      'Mojo/1.0.0 Native AppType(release) Channel/201200 Architecture/x86_64',
    viewport: { width: 1000, height: 640 },
    deviceScaleFactor: 1,
    isMobile: false,
    hasTouch: false,
  },
  harmony: {
    ...android,
    userAgent: (version) =>
      'Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.0.0 Safari/537.36 ' +
      `ArkWeb/4.1.6.1 Mobile AliApp(DingTalk/${version})`,
  },
  'taurus-android': { ...android, userAgent: (version) => `${android.userAgent(version)} TaurusApp` },
  'taurus-ios': { ...ios, userAgent: (version) => `${ios.userAgent(version)} TaurusApp` },
  'taurus-alone': {
    ...android,
    userAgent: (version) =>
      'Mozilla/5.0 (Linux; U; Android 14; zh-CN; 23127PN0CC Build/UKQ1.230804.001) AppleWebKit/537.36 (KHTML, like Gecko) ' +
      `Version/4.0 Chrome/100.0.4896.58 Mobile Safari/537.36 TaurusApp(TaurusApp/${version})`,
  },
};
