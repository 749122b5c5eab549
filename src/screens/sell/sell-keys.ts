/** What the keyboard and the scanner (a keyboard, but faster) do on the sell page, wherever the focus is. */
import { tick } from 'svelte';
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
  /** `before`: what was typed ahead of the code in one go, such as `3*`. */
  readonly scan: (code: string, before: string) => void;
  readonly enter: () => void;
  /** The figures of the marked line. */
  readonly edit: () => void;
  readonly take: () => void;
  readonly exactCash: () => void;
  readonly back: () => void;
  readonly pressGiven: (key: KeypadKey) => void;
};

/** A person's second Enter must not take the change off the screen. */
const secondEnterMs = 500;

const modifiers = new Set(['Shift', 'Control', 'Alt', 'AltGraph', 'Meta', 'CapsLock', 'NumLock']);

export function sellKeys(parts: SellKeysParts): (event: KeyboardEvent) => void {
  const { sell, catalogue, figures, given } = parts;
  const wedge = new WedgeRecogniser();
  const search: TextEntry = { get: () => catalogue.typed, set: (text) => catalogue.type(text) };
  /** Where what may become a scan began, and what stood there. */
  let began: { readonly entry: TextEntry; readonly text: string } | undefined;
  const entryNow = (): TextEntry =>
    sell.stage.kind === 'pay' ? given : (figures()?.text ?? search);

  return (event) => {
    // A dialog or a menu has the keys while it is open.
    if (event.defaultPrevented || sell.approval || sell.isChoosing || isElsewhere(event.target))
      return;
    if (event.ctrlKey || event.metaKey || event.altKey) {
      if (event.key.toLowerCase() === 'z' && sell.undo) void sell.undoIt();
      else return;
      return event.preventDefault();
    }
    // What went wrong before was said; this is the next thing.
    if (!modifiers.has(event.key)) sell.problem = '';
    const word = wedge.feed(event.key, event.timeStamp);
    if (word.kind === 'key' && word.starts) began = { entry: entryNow(), text: entryNow().get() };
    if (word.kind === 'scan') {
      // The page may have gone on to another entry in the middle of the code.
      const entry = entryNow();
      entry.set(began?.entry === entry ? began.text : '');
      parts.scan(word.code, word.before);
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
    else if (key === 'F2') parts.edit();
    else if (key === 'F6') void sell.park();
    else if (key === 'F7') sell.isChoosing = true;
    else if (key === 'Enter') return !isPressing(event) && (parts.enter(), true);
    else if (key === 'ArrowDown') move(1);
    else if (key === 'ArrowUp') move(-1);
    else if (key === 'Delete' && catalogue.typed === '') {
      if (sell.marked !== undefined) void sell.remove(sell.marked);
    } else return isText(event) && !isPressing(event) && typed(event, key);
    return true;
  }

  /** Typing begins a search from anywhere. A letter goes into the field here, and not by where the focus gets in time. */
  function typed({ target }: KeyboardEvent, text: string): boolean {
    const field = parts.search();
    if (field && target === field) return false;
    catalogue.type(catalogue.typed + text);
    // After a sale the field is there with the next picture.
    void tick().then(() => parts.search()?.focus());
    return true;
  }

  function payKey(event: KeyboardEvent): boolean {
    // What is scanned while the sale is saved is the next sale's: the wedge has it.
    if (sell.isPaying) return event.key === 'Enter' || isText(event);
    const key = keypadKeyOf(event.key);
    if (key) parts.pressGiven(key);
    else if (event.key === 'Enter' && !isPressing(event)) {
      // Held down, Enter would open the panel and pay in one.
      if (!event.repeat) parts.take();
    } else return false;
    return true;
  }

  function nextByKey(event: KeyboardEvent): boolean {
    if (modifiers.has(event.key) || event.key === 'Tab' || isPressing(event)) return false;
    if (event.repeat) return true;
    if (isText(event) && event.key !== ' ') {
      // The first letter of the next sale is already one, and so is what came while this one was saved.
      sell.begin();
      return typed(event, wedge.run);
    }
    if (event.timeStamp - parts.savedAtMs() >= secondEnterMs) sell.begin();
    return true;
  }

  function move(step: 1 | -1): void {
    if (catalogue.isSearching) catalogue.mark(step);
    else sell.mark(step);
  }
}

/** A letter, of which `?` shows the keys. */
const isText = ({ key }: KeyboardEvent): boolean => key.length === 1 && key !== '?';

/** A button or link that was reached by keyboard takes Enter and Space for itself. */
const isPressing = ({ target, key }: KeyboardEvent): boolean =>
  (key === 'Enter' || key === ' ') &&
  target instanceof HTMLElement &&
  target.matches('button:focus-visible, a:focus-visible, select:focus-visible');

const isElsewhere = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.closest('[role="dialog"], [role="menu"]') !== null;
