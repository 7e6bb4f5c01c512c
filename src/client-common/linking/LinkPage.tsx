import { useEffect } from 'react';
import { takeCallback } from '../sign-in/take-callback';
import { finishLink } from './links';
import type { ClientPlugin } from '../nocobase';
import { waiting } from '../sign-in/waiting';

// React may render a page, throw that away and render it again; what came from DingTalk is there once.
let callback: URLSearchParams | undefined;
let finished: Promise<void> | undefined;

/** The page that finishes a link. What came of it stands on the account page. */
export default (plugin: ClientPlugin) =>
  function LinkPage() {
    const given = (callback ??= takeCallback());

    useEffect(() => {
      finished ??= finishLink(plugin, given);
    }, [given]);

    return waiting(plugin.t('Linking your DingTalk account…'));
  };
