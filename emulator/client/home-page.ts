import type { App } from '../company';

/** The address that opens from the workbench, and only from there with the organisation in it. */
export const homePageOf = ({ homePage, corpId }: App): string | undefined => homePage?.replaceAll('$CORPID$', corpId);
