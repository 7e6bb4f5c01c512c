import type { Department } from '../../dingtalk/address-book';

/**
 * Departments with parents before their children. One whose parent is none of them is a root; so becomes one of a loop,
 * as none of them would have its turn.
 */
export function parentsFirst(departments: Department[]): Department[] {
  const ids = new Set(departments.map(({ id }) => id));
  const children = new Map<number, Department[]>();
  for (const department of departments) {
    const { parentId } = department;
    if (parentId !== undefined && ids.has(parentId)) {
      const siblings = children.get(parentId) ?? [];
      siblings.push(department);
      children.set(parentId, siblings);
    }
  }
  const sorted: Department[] = [];
  const placed = new Set<number>();
  const place = (root: Department) => {
    for (const waiting = [root]; waiting.length;) {
      const department = waiting.shift() as Department;
      if (!placed.has(department.id)) {
        placed.add(department.id);
        sorted.push(department);
        waiting.push(...(children.get(department.id) ?? []));
      }
    }
  };
  departments.filter(({ parentId }) => parentId === undefined || !ids.has(parentId)).forEach(place);
  for (const department of departments.filter(({ id }) => !placed.has(id))) {
    if (!placed.has(department.id)) {
      place({ ...department, parentId: undefined });
    }
  }
  return sorted;
}
