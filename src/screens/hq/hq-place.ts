/** The shell of head office: its pages and its keys. */
import BadgeCheck from '@lucide/svelte/icons/badge-check';
import LayoutDashboard from '@lucide/svelte/icons/layout-dashboard';
import MonitorSmartphone from '@lucide/svelte/icons/monitor-smartphone';
import ReceiptText from '@lucide/svelte/icons/receipt-text';
import { texts } from '../../texts/english.ts';
import type { ShellPlace } from '../shell/pages.ts';
import { hqNumberHref } from './hq-href.ts';

export const hqPlace: ShellPlace = {
  name: texts.hq.product,
  // A store belongs to the overview, from which one comes to it.
  pages: [
    { path: '/hq', name: texts.hq.overview.title, icon: LayoutDashboard },
    { path: '/hq/documents', name: texts.hq.documents.title, icon: ReceiptText },
    { path: '/hq/terminals', name: texts.hq.terminals.title, icon: MonitorSmartphone },
    { path: '/hq/releases', name: texts.releases.title, icon: BadgeCheck },
  ],
  lightHref: '/status',
  hasSounds: false,
  keys: texts.hq.keys,
  shortcuts: {},
  documentHref: hqNumberHref,
  lost: texts.hq.lost,
};
