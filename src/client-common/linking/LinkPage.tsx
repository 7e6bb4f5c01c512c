import { useEffect } from 'react';
import { readCallback } from '../callback';
import { waiting } from '../feedback';
import type { ClientPlugin } from '../nocobase';
import { finishLink } from './links';

/**
 * Once a page load, whatever is rendered: NocoBase and React may render the page, throw that away and render it again,
 * but a flow ends once. The page ends with a page load, so nothing is left behind in this variable.
 */
let finished: Promise<void> | undefined;

/** The page that finishes a link, and opens the account page. */
export default (plugin: ClientPlugin) =>
  function LinkPage() {
    useEffect(() => {
      finished ??= finishLink(plugin, readCallback());
    }, []);

    return waiting(plugin.t('Linking your DingTalk account…'));
  };
