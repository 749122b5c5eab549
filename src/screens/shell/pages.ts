/** What a till and head office have of their own in the shell that they share. Pure. */
import type { Component } from 'svelte';

type Icon = Component<{ size?: number; 'aria-hidden'?: 'true' }>;

/** What can be done from every page, by the menu of the operator and by Ctrl+K. */
export type ShellAction = {
  readonly name: string;
  readonly icon: Icon;
  readonly key?: string;
  readonly run: () => void;
};

export type ShellPage = { readonly path: string; readonly name: string; readonly icon: Icon };

export type ShellPlace = {
  readonly name: string;
  /** In the order of the navigation. */
  readonly pages: readonly ShellPage[];
  /** In the menu of the operator alone. */
  readonly menuPages?: readonly ShellPage[];
  /** What can be done here and nowhere else; stands before what every place has. */
  readonly actions?: readonly ShellAction[];
  /** Where the light in the header leads. */
  readonly lightHref: string;
  /** Where its flags are told of; absent where the pages themselves do that. */
  readonly flagsHref?: string;
  readonly hasSounds: boolean;
  /** What the keys mean here, for the list of them. */
  readonly keys: readonly (readonly [key: string, meaning: string])[];
  /** Keys that every page has beside those of the shell, in lower case. */
  readonly shortcuts: Readonly<Record<string, () => void>>;
  readonly documentHref: (number: string) => string;
  /** Whether the page at this address records nothing: a revoked till shows it still. Absent: nothing can revoke this process. */
  readonly readsOnly?: (pathname: string) => boolean;
  /** That the page has lost its process, and since when. */
  readonly lost: (time: string) => string;
};

/** The page of the navigation that an address belongs to: of those above it the nearest. */
export function pageAt(pages: readonly ShellPage[], pathname: string): ShellPage | undefined {
  return pages
    .filter(({ path }) => pathname === path || pathname.startsWith(`${path}/`))
    .toSorted((a, b) => b.path.length - a.path.length)[0];
}
