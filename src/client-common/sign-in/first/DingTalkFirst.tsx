import { Button } from 'antd';
import { useEffect, useRef, useState } from 'react';
import type { Authenticator, ClientPlugin } from '../../nocobase';
import { claimLeaving, isOnlyOne, isPasswordWanted, seen } from './leaving';
import { buttonAbove, focusForm, foldOthers, MARK } from './sign-in-page';
import { stayHere } from './stay';

/** What stands below the button of an authenticator that comes first. A bundle of its own, as most do not. */
export default (plugin: ClientPlugin) => (authenticator: Authenticator) => (
  <DingTalkFirst plugin={plugin} authenticator={authenticator} />
);

interface Props {
  plugin: ClientPlugin;
  authenticator: Authenticator;
}

function DingTalkFirst({ plugin, authenticator }: Props) {
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
          (isOnly) => isOnly && waits.current && buttonAbove(mark.current)?.click(),
          () => undefined,
        );
    }
    return () => {
      waits.current = false;
      folded?.();
    };
  }, [plugin, authenticator]);

  const showAll = () => {
    waits.current = false;
    unfold?.();
    setUnfold(undefined);
    focusForm();
  };

  return (
    <div ref={mark} {...{ [MARK]: '' }}>
      {unfold && (
        // A link would have a color with too little contrast.
        <Button block type="text" onClick={showAll}>
          {plugin.t('Other ways to sign in')}
        </Button>
      )}
    </div>
  );
}
