/** The pages of a till, in the order of the navigation. */
import type { Component } from 'svelte';
import Network from '@lucide/svelte/icons/network';
import Package from '@lucide/svelte/icons/package';
import ReceiptText from '@lucide/svelte/icons/receipt-text';
import ShoppingCart from '@lucide/svelte/icons/shopping-cart';
import { texts } from '../../texts/english.ts';

type Icon = Component<{ size?: number; 'aria-hidden'?: 'true' }>;

/** What can be done from every page, by the menu of the operator and by Ctrl+K. */
export type ShellAction = {
  readonly name: string;
  readonly icon: Icon;
  readonly key?: string;
  readonly run: () => void;
};

export type ShellPage = { readonly path: string; readonly name: string; readonly icon: Icon };

export const tillPages: readonly ShellPage[] = [
  { path: '/sell', name: texts.sell.title, icon: ShoppingCart },
  { path: '/stock', name: texts.stock.title, icon: Package },
  { path: '/documents', name: texts.documentPages.title, icon: ReceiptText },
  { path: '/sync', name: texts.sync.title, icon: Network },
];

export const isAt = (pathname: string, path: string): boolean =>
  pathname === path || pathname.startsWith(`${path}/`);
