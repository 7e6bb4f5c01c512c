import { TreeSelect, Typography } from 'antd';
import type { Translate } from '../nocobase';
import { useCallback, useEffect, useState } from 'react';
import type { DepartmentChoice } from '../../shared/directory';
import { type Field, FieldFailure, Means } from '../field';
import { callAction, sentenceOf } from '../request';

/** What is read of a tree: what is below each department, and where it begins under 0. */
type Levels = Map<number, DepartmentChoice[]>;

const ROOT = 0;

interface Props extends Field<number[]> {
  authenticator?: string;
}

/** Departments, each with everything below it. Another authenticator has another tree. */
export const DepartmentsField = ({ authenticator, ...props }: Props) => (
  <Tree key={authenticator} authenticator={authenticator} {...props} />
);

function Tree({ plugin, id, value, onChange, authenticator }: Props) {
  const t: Translate = (key, values) => plugin.t(key, values);
  const [levels, setLevels] = useState<Levels>(new Map());
  const [failure, setFailure] = useState('');
  const chosen = value ?? [];
  // The names of those that are chosen; else nothing is asked of DingTalk until the list is opened.
  const [isWanted, setWanted] = useState(chosen.length > 0);

  const read = useCallback(
    (parent: number) =>
      callAction(plugin.app, 'dingtalk:getDepartments', {
        authenticator: authenticator ?? '',
        ...(parent !== ROOT && { parent }),
      }).then(
        (below) => {
          setFailure('');
          setLevels((known) => new Map(known).set(parent, below));
        },
        (error) => setFailure(sentenceOf(error, plugin, 'SYNC_FAILED')),
      ),
    [plugin, authenticator],
  );

  useEffect(() => {
    if (authenticator && isWanted) {
      void read(ROOT);
    }
  }, [authenticator, isWanted, read]);

  const label = t('Departments');
  return (
    <>
      <TreeSelect
        id={id}
        aria-label={label}
        allowClear
        // Not checked together: a department that is chosen brings what is below it now and later.
        treeCheckable
        treeCheckStrictly
        showCheckedStrategy={TreeSelect.SHOW_ALL}
        treeNodeFilterProp="title"
        // As readable as a value: it is what happens.
        placeholder={<Typography.Text>{t('Everything that the app may see')}</Typography.Text>}
        notFoundContent={
          !authenticator
            ? t('Please choose an authenticator')
            : levels.has(ROOT)
              ? t('The app may see no department.')
              : ' '
        }
        style={{ width: '100%' }}
        treeData={nodesOf(levels, ROOT, chosen, false, t)}
        loadData={({ value: parent }) => read(Number(parent))}
        onDropdownVisibleChange={(open) => open && setWanted(true)}
        // antd has the name where it has the department.
        value={chosen.map((department) => ({ value: department, label: String(department) }))}
        onChange={(nodes: { value: number }[]) => onChange?.(nodes.map((node) => node.value))}
      />
      <Means>{t('Each with everything below it. If none is chosen, everything that the app may see.')}</Means>
      <FieldFailure sentence={failure} />
    </>
  );
}

/** What is below a department that is chosen is in already. */
function nodesOf(
  levels: Levels,
  parent: number,
  chosen: number[],
  isIn: boolean,
  t: Translate,
): { value: number; title: string; disableCheckbox: boolean; children?: object[] }[] {
  return (levels.get(parent) ?? []).map(({ id, name, isPrivileged }) => ({
    value: id,
    title: [name, isIn && t('included'), isPrivileged && t('has a privileged role here')].filter(Boolean).join(' · '),
    disableCheckbox: isIn && !chosen.includes(id),
    isLeaf: levels.get(id)?.length === 0,
    children: levels.has(id) ? nodesOf(levels, id, chosen, isIn || chosen.includes(id), t) : undefined,
  }));
}
