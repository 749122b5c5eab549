/** The documents of head office by a filter, page by page; what is new comes in above while one looks. */
import type { HqDocument, HqDocuments, HqDocumentsAsk } from '#lib/host/hq-services.ts';
import { hqClient, hqSentenceOf } from './hq-client.ts';

export type Filter = Pick<HqDocumentsAsk, 'store' | 'terminal' | 'type'>;

export const pageRows = 50;

const keyOf = ({ key, hash }: HqDocument): string => `${key.journal}/${key.seq}/${hash}`;

export class DocumentsList {
  documents: readonly HqDocument[] = $state.raw([]);
  source: HqDocuments['source'] = $state('archive');
  next: string | undefined = $state();
  isReading = $state(false);
  problem = $state('');
  readonly #filter: Filter;

  constructor(filter: Filter, loaded: HqDocuments) {
    this.#filter = filter;
    this.#take(loaded);
  }

  /** The newest page again. Older ones that are open stay, as long as the new page still reaches them. */
  async refresh(): Promise<void> {
    const page = await hqClient.documents({ ...this.#filter, limit: pageRows });
    const fresh = new Set(page.documents.map(keyOf));
    const meets = this.documents.some((document) => fresh.has(keyOf(document)));
    const isOneSource = page.source === this.source && page.source === 'archive';
    if (!meets || !isOneSource || this.documents.length <= page.documents.length) {
      this.#take(page);
      return;
    }
    const older = this.documents.filter((document) => !fresh.has(keyOf(document)));
    const last = page.documents.at(-1)?.wallMs ?? 0;
    // What is newer than the end of the new page and not on it is gone from the archive's answer.
    this.documents = [...page.documents, ...older.filter(({ wallMs }) => wallMs <= last)];
  }

  async older(): Promise<void> {
    if (this.next === undefined || this.isReading) return;
    this.isReading = true;
    this.problem = '';
    try {
      const after = this.next;
      const page = await hqClient.documents({ ...this.#filter, after, limit: pageRows });
      // An archive that went away between two pages answers with this relay's newest.
      if (page.source !== 'archive') this.#take(page);
      else {
        const known = new Set(this.documents.map(keyOf));
        const more = page.documents.filter((document) => !known.has(keyOf(document)));
        this.documents = [...this.documents, ...more];
        this.next = page.next;
      }
    } catch (error) {
      this.problem = hqSentenceOf(error);
    }
    this.isReading = false;
  }

  #take({ documents, source, next }: HqDocuments): void {
    this.documents = documents;
    this.source = source;
    this.next = next;
  }
}
