import { emailOf } from '../../accounts/new-user';
import type { DirectoryMember } from '../../dingtalk/address-book';
import { type Addresses, addressesOf, push } from './missing';
import { type Numbered, numberOf, readNumber } from './numbers';
import { Interned } from '../interned';
import type { Directory, PlanSettings, State } from '../types';

/** A directory and a state, with what is looked up in them: a search for each member would take hours of 100,000. */
export interface Known extends Addresses {
  directory: Directory;
  state: State;
  settings: PlanSettings;
  /** Users with several bindings, be their keys unionIds or older ones. */
  boundTwice: Set<string>;
  /** The phone numbers of the members who were read. */
  numbers: Map<DirectoryMember, Numbered>;
  /** How many of them have a number, and how many an e-mail address in lower case. */
  membersWith: Map<string, number>;
  /** Users by phone number, and by e-mail address in lower case. */
  usersWith: Map<string, string[]>;
  /** Users whose binding has a phone number as its key, by the number. */
  boundByNumber: Map<string, string[]>;
  /** What is planned of several members alike. */
  interned: Interned;
}

export function know(directory: Directory, state: State, settings: PlanSettings): Known {
  const known: Known = {
    directory,
    state,
    settings,
    ...addressesOf(state.members, directory),
    boundTwice: new Set(),
    numbers: new Map(),
    membersWith: new Map(),
    usersWith: new Map(),
    boundByNumber: new Map(),
    interned: new Interned(),
  };
  knowMembers(known);
  knowBindings(known);
  for (const { id, columns } of state.users.values()) {
    const number = columns.phone ? readNumber(columns.phone) : undefined;
    [number, columns.email?.toLowerCase()]
      .filter((text) => text)
      .forEach((text) => push(known.usersWith, text ?? '', id));
  }
  return known;
}

function knowMembers({ directory, settings, numbers, membersWith }: Known): void {
  for (const member of directory.members) {
    const number = numberOf(member);
    if (number) {
      numbers.set(member, number);
    }
    const email = settings.fields.email && emailOfMember(member, settings.emailDomains)?.toLowerCase();
    for (const text of [number?.number, email]) {
      if (text) {
        membersWith.set(text, (membersWith.get(text) ?? 0) + 1);
      }
    }
  }
}

function knowBindings({ state, boundTwice, boundByNumber }: Known): void {
  const met = new Set<string>();
  for (const [key, { userIds, isOurs }] of state.bound) {
    userIds.forEach((userId) => (met.has(userId) ? boundTwice : met).add(userId));
    const number = isOurs ? undefined : readNumber(key);
    if (number) {
      userIds.forEach((userId) => push(boundByNumber, number, userId));
    }
  }
}

/** The mailbox of the organization first: the other one is entered by whoever edits the address book. */
export const emailOfMember = ({ orgEmail, email }: DirectoryMember, domains: string[]): string | undefined =>
  emailOf(orgEmail, domains) ?? emailOf(email, domains);

/** The users who are bound to a unionId and exist. */
export const boundUsers = ({ bound, users }: State, unionId: string): string[] =>
  bound.get(unionId)?.userIds.filter((userId) => users.has(userId)) ?? [];
