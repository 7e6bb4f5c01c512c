import { useEffect } from 'react';
import { TEST_PAGE } from '../../shared/constants';
import { loadBundle } from '../bundles';
import { readCallback } from '../callback';
import { waiting } from '../feedback';
import type { ClientPlugin } from '../nocobase';
import { finishLink } from './links';

/**
 * Once a page load, whatever is rendered: NocoBase and React may render the page, throw that away and render it again,
 * but a flow ends once. The page ends with a page load, so nothing is left behind in this variable.
 */
let finished: Promise<void> | undefined;

/** The page that finishes a link, and opens the account page; where a test of a sign-in ends, that of its result. */
export default async (plugin: ClientPlugin) =>
  location.search === TEST_PAGE
    ? loadBundle<typeof import('../configuration/SignInTestResult')>(plugin, 'SignInTestResult')
    : linkPage(plugin);

const linkPage = (plugin: ClientPlugin) =>
  function LinkPage() {
    useEffect(() => {
      finished ??= finishLink(plugin, readCallback());
    }, []);

    return waiting(plugin.t('Linking your DingTalk account…'));
  };
