import { Button } from 'antd';
import { useEffect, useRef, useState } from 'react';
import type { Authenticator, ClientPlugin } from '../../nocobase';
import { claimLeaving, isOnlyOne, isPasswordWanted, seen } from './leaving';
import { focusForm, foldOthers, MARK } from './sign-in-page';
import { stayHere } from './stay';

/** What stands below the button of an authenticator that comes first. A bundle of its own, as most do not. */
export default (plugin: ClientPlugin) => (authenticator: Authenticator, leave: () => void) => (
  <DingTalkFirst plugin={plugin} authenticator={authenticator} leave={leave} />
);

interface Props {
  plugin: ClientPlugin;
  authenticator: Authenticator;
  /** Leaves for DingTalk, as a click on the button does. */
  leave(): void;
}

function DingTalkFirst({ plugin, authenticator, leave }: Props) {
  const mark = useRef<HTMLDivElement>(null);
  const [unfold, setUnfold] = useState<() => void>();
  /** Whether the page is still as it was arranged here: the user has neither left it nor chosen another way. */
  const waits = useRef(false);

  useEffect(() => {
    if (isPasswordWanted()) {
      stayHere();
      return undefined;
    }
    const folded = mark.current ? foldOthers(mark.current) : undefined;
    setUnfold(() => folded);
    waits.current = true;
    if (authenticator.options.first === 'atOnce' && claimLeaving()) {
      seen()
        .then(() => isOnlyOne(plugin))
        .then(
          (isOnly) => isOnly && waits.current && leave(),
          () => undefined,
        );
    }
    return () => {
      waits.current = false;
      folded?.();
    };
  }, [plugin, authenticator, leave]);

  const showAll = () => {
    waits.current = false;
    unfold?.();
    setUnfold(undefined);
    focusForm();
  };

  return (
    <div ref={mark} {...{ [MARK]: '' }}>
      {unfold && (
        <Button block type="link" onClick={showAll}>
          {plugin.t('Other ways to sign in')}
        </Button>
      )}
    </div>
  );
}
