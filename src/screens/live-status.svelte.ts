/** The status as it changes: begins with what the page was loaded with, then follows the event stream. */
import type { Status } from '#lib/host/services.ts';

export type Connection = 'connecting' | 'live' | 'lost';

export class LiveStatus {
  status: Status = $state.raw() as Status;
  connection: Connection = $state('connecting');
  /** When the shown status arrived, milliseconds since 1970; 0 before the first event. */
  asOfMs = $state(0);

  constructor(loaded: Status) {
    this.status = loaded;
  }

  /** Follows until the returned function is called. The browser reconnects and resumes by itself. */
  follow(): () => void {
    const events = new EventSource('/events');
    events.addEventListener('open', () => {
      this.connection = 'live';
    });
    events.addEventListener('error', () => {
      this.connection = 'lost';
    });
    events.addEventListener('status', (event) => {
      this.status = JSON.parse(event.data) as Status;
      this.asOfMs = Date.now();
    });
    return () => events.close();
  }
}
