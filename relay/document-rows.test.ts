import { expect, test } from 'vitest';
import { actTypes } from '../lib/domain/acts.ts';
import { SampleJournal } from '../lib/projections/sample-entries.ts';
import { prepare } from './document-rows.ts';

test.each(actTypes)(
  'A2: %s is archived raw and has nothing to post; spoilt, it is refused and named',
  (type) => {
    const till = new SampleJournal('T1');
    expect(prepare(till.act(type))).toEqual({ kind: 'none' });
    expect(prepare(till.write(type, { businessDay: 'tomorrow' }))).toMatchObject({
      kind: 'refused',
      refusal: { cause: 'invalid' },
    });
  },
);

test('A2: a type of a later version is archived raw and has nothing to post', () => {
  expect(prepare(new SampleJournal('T1').write('ShiftOpened', {}))).toEqual({ kind: 'none' });
});
