/** The ready line of a process: one JSON object for programs, a sentence with addresses for a person at a terminal. */
import { type Endpoint, urlOf } from './endpoints.ts';

export type ReadyFields = Readonly<Record<string, string | number | boolean>>;

/** Where the process was told to listen; the ports that it really has stand in its ready line. */
export type Hosts = { readonly screens: Endpoint; readonly links: Endpoint };

export function readyLine(
  ready: ReadyFields,
  hosts: Hosts,
  to: { readonly json: boolean; readonly isTerminal: boolean; readonly pid: number },
): string {
  if (to.json || !to.isTerminal)
    return `${JSON.stringify({ ready: true, ...ready, pid: to.pid })}\n`;
  const { role, store, terminal } = ready;
  // Its page is on this machine alone, whatever the register's will be.
  if (role === 'setup') {
    const page = urlOf({ host: '127.0.0.1', port: Number(ready['ui']) });
    return `This register has not joined yet. Set it up in a browser on this machine: ${page}\n`;
  }
  const screens = urlOf({ ...hosts.screens, port: Number(ready['ui'] ?? ready['api']) });
  const links = `${hosts.links.host}:${Number(ready['mesh'] ?? ready['sync'])}`;
  const [who, others] =
    role === 'relay'
      ? [`The relay ${terminal} runs`, 'Registers']
      : [`Register ${terminal} of store ${store} runs`, 'Other tills'];
  const recovery = ready['recovery'];
  const todo = recovery === undefined ? '' : `Print ${String(recovery)}, then delete it.\n`;
  const lan = ready['lan'];
  const phones =
    lan === undefined
      ? ''
      : `Phones and tablets: port ${Number(lan)}; their page in the menu shows the address.\n`;
  return `${who}: ${screens}\n${phones}${others} link to it on ${links}. Ctrl-C stops it.\n${todo}`;
}
