import type { IncomingMessage } from 'node:http';
import type { SessionView } from '#lib/host/screen-gate.ts';
import type { StatusServices } from '#lib/host/services.ts';

declare global {
  namespace App {
    interface Locals {
      services: StatusServices;
      /** Whose session the browser's cookie is. Asked for by the pages of a till only: a relay has no gate. */
      session: () => SessionView;
    }
    interface PageState {
      /** A panel of the sell page stands open: the browser's Back closes it. */
      panel?: true;
    }
    interface Platform {
      readonly req: IncomingMessage;
    }
  }
}
