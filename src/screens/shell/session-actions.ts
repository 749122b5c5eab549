/** What whoever is signed in can do on every page, at a till as at head office. For the browser alone. */
import Lock from '@lucide/svelte/icons/lock';
import UsersRound from '@lucide/svelte/icons/users-round';
import { texts } from '../../texts/english.ts';
import { tillClient } from '../till-client.ts';
import type { ShellAction } from './pages.ts';

/** Comes back to the same page after the PIN. */
export async function lock(): Promise<void> {
  await tillClient.lock();
  location.assign(`/sign-in?next=${encodeURIComponent(location.pathname)}`);
}

async function switchOperator(): Promise<void> {
  await tillClient.signOut();
  location.assign('/sign-in');
}

export const sessionActions: readonly ShellAction[] = [
  { name: texts.shell.lock, icon: Lock, key: 'Ctrl+L', run: () => void lock() },
  { name: texts.shell.switchOperator, icon: UsersRound, run: () => void switchOperator() },
];
