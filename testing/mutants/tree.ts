import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';

/**
 * Makes, or brings up to date, a copy of a working tree in which mutants may be put: nothing that is done there can
 * harm the developer's own files, whatever interrupts it.
 */
export function copyTree(from: string, to: string): void {
  fs.mkdirSync(to, { recursive: true });
  copyModules(from, to);
  const files = filesOf(from);
  for (const file of files) {
    copyChanged(path.join(from, file), path.join(to, file));
  }
  for (const file of oldFilesOf(to, new Set(files))) {
    fs.rmSync(path.join(to, file));
  }
}

/** What git knows, and what it would add: uncommitted work is tested too. */
function filesOf(tree: string): string[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: tree });
  const files = listed.toString().split('\0').filter(Boolean);
  return files.filter((file) => fs.existsSync(path.join(tree, file)));
}

/** A file that is as it was keeps its time, from which the browser tests tell whether the plugin must be built anew. */
function copyChanged(from: string, to: string): void {
  const content = fs.readFileSync(from);
  if (!fs.existsSync(to) || !fs.readFileSync(to).equals(content)) {
    fs.mkdirSync(path.dirname(to), { recursive: true });
    fs.writeFileSync(to, content);
  }
}

function oldFilesOf(tree: string, wanted: Set<string>, folder = ''): string[] {
  const kept = new Set(['node_modules', 'dist', '.nocobase']);
  return fs.readdirSync(path.join(tree, folder), { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) {
      return folder === '' && kept.has(entry.name) ? [] : oldFilesOf(tree, wanted, file);
    }
    return wanted.has(file) || entry.isSymbolicLink() ? [] : [file];
  });
}

/** Hard links: a build through a linked folder would find its modules elsewhere. Made anew when npm installed others. */
function copyModules(from: string, to: string): void {
  const stamp = (tree: string) => {
    const lock = path.join(tree, 'node_modules', '.package-lock.json');
    return fs.existsSync(lock) ? fs.readFileSync(lock, 'utf8') : undefined;
  };
  if (stamp(from) === undefined || stamp(from) !== stamp(to)) {
    fs.rmSync(path.join(to, 'node_modules'), { recursive: true, force: true });
    linkFolder(path.join(from, 'node_modules'), path.join(to, 'node_modules'));
  }
}

function linkFolder(from: string, to: string): void {
  fs.mkdirSync(to, { recursive: true });
  for (const entry of fs.readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
    if (entry.isDirectory()) {
      linkFolder(source, target);
    } else if (entry.isSymbolicLink()) {
      fs.symlinkSync(fs.readlinkSync(source), target);
    } else {
      fs.linkSync(source, target);
    }
  }
}
