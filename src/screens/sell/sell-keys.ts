/** What the keyboard and the scanner (a keyboard, but faster) do on the sell page, wherever the focus is. */
import { keypadKeyOf, type KeypadKey } from '../keypad-entry.ts';
import { WedgeRecogniser } from '../wedge.ts';
import type { Catalogue } from './catalogue.svelte.ts';
import type { SellState } from './sell-state.svelte.ts';

type TextEntry = { get(): string; set(text: string): void };

export type SellKeysParts = {
  readonly sell: SellState;
  readonly catalogue: Catalogue;
  readonly search: () => HTMLInputElement | undefined;
  /** The panel of a line's figures, while it is open. */
  readonly figures: () =>
    { readonly text: TextEntry; feed(event: KeyboardEvent): boolean } | undefined;
  /** What was typed as money given. */
  readonly given: TextEntry;
  /** By `performance.now()`. */
  readonly savedAtMs: () => number;
  readonly scan: (code: string) => void;
  readonly enter: () => void;
  readonly take: () => void;
  readonly exactCash: () => void;
  readonly back: () => void;
  readonly pressGiven: (key: KeypadKey) => void;
};

/** A person's second Enter must not take the change off the screen. */
const secondEnterMs = 500;

export function sellKeys(parts: SellKeysParts): (event: KeyboardEvent) => void {
  const { sell, catalogue, figures, given } = parts;
  const wedge = new WedgeRecogniser();
  let textBefore = '';
  const entryText: TextEntry = {
    get: () =>
      sell.stage.kind === 'pay' ? given.get() : (figures()?.text.get() ?? catalogue.typed),
    set: (text) => {
      const panel = figures();
      if (sell.stage.kind === 'pay') given.set(text);
      else if (panel) panel.text.set(text);
      else catalogue.type(text);
    },
  };

  return (event) => {
    // A dialog or a menu has the keys while it is open.
    if (event.defaultPrevented || isElsewhere(event.target)) return;
    if (event.ctrlKey || event.metaKey || event.altKey) {
      if (event.key.toLowerCase() === 'z' && sell.undo) void sell.undoRemoval();
      else return;
      return event.preventDefault();
    }
    const word = wedge.feed(event.key, event.timeStamp);
    if (word.kind === 'key' && word.starts) textBefore = entryText.get();
    if (word.kind === 'scan') {
      entryText.set(textBefore);
      parts.scan(word.code);
      return event.preventDefault();
    }
    if (handled(event)) event.preventDefault();
  };

  function handled(event: KeyboardEvent): boolean {
    const { key } = event;
    const panel = figures();
    if (sell.stage.kind === 'saved') return nextByKey(event);
    if (key === 'Escape') parts.back();
    else if (key === 'F9') parts.exactCash();
    else if (key === 'F12') sell.startPaying();
    else if (sell.stage.kind === 'pay') return payKey(event);
    else if (panel) return !isPressing(event) && panel.feed(event);
    else if (key === 'Enter') return !isPressing(event) && (parts.enter(), true);
    else if (key === 'ArrowDown') move(1);
    else if (key === 'ArrowUp') move(-1);
    else if (key === 'Delete' && catalogue.typed === '') {
      if (sell.marked !== undefined) void sell.remove(sell.marked);
    } else {
      // Typing begins a search from anywhere; the letter itself goes into the field that has the focus by then.
      if (key.length === 1 && key !== '?' && !(key === ' ' && isPressing(event)))
        parts.search()?.focus();
      return false;
    }
    return true;
  }

  function payKey(event: KeyboardEvent): boolean {
    const key = keypadKeyOf(event.key);
    if (key) parts.pressGiven(key);
    else if (event.key === 'Enter' && !isPressing(event)) {
      // Held down, Enter would open the panel and pay in one.
      if (!event.repeat) parts.take();
    } else return false;
    return true;
  }

  function nextByKey(event: KeyboardEvent): boolean {
    const modifier = ['Shift', 'Control', 'Alt', 'Meta', 'CapsLock', 'Tab'].includes(event.key);
    if (modifier || isPressing(event)) return false;
    if (event.repeat || performance.now() - parts.savedAtMs() < secondEnterMs) return true;
    sell.begin();
    // The first letter of the next sale is already one.
    if (event.key.length === 1 && event.key !== ' ') {
      parts.search()?.focus();
      return false;
    }
    return true;
  }

  function move(step: 1 | -1): void {
    if (catalogue.isSearching) catalogue.mark(step);
    else sell.mark(step);
  }
}

/** A button or link that was reached by keyboard takes Enter and Space for itself. */
const isPressing = ({ target, key }: KeyboardEvent): boolean =>
  (key === 'Enter' || key === ' ') &&
  target instanceof HTMLElement &&
  target.matches('button:focus-visible, a:focus-visible, select:focus-visible');

const isElsewhere = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.closest('[role="dialog"], [role="menu"]') !== null;
