import { describe, expect, it } from 'vitest';
import { claimDirectory, directoryFormat } from './directory-version.ts';
import { FaultyDisk } from './faulty-disk.ts';
import { seededRandom } from './seeded-random.ts';

const newDisk = (): FaultyDisk => new FaultyDisk(seededRandom(1));
const plant = (text: string): FaultyDisk => {
  const disk = newDisk();
  disk.plant('/data/format.json', new TextEncoder().encode(text));
  return disk;
};

describe('S12: claimDirectory', () => {
  it('claims a new directory durably and knows it again', () => {
    const disk = newDisk();
    expect(claimDirectory(disk, '/data', 'register')).toBe('new');
    disk.crash();
    expect(claimDirectory(disk, '/data', 'register')).toBe('existing');
  });

  it('ignores fields that a later version of the same format added', () => {
    const disk = plant(JSON.stringify({ format: directoryFormat, role: 'relay', more: true }));
    expect(claimDirectory(disk, '/data', 'relay')).toBe('existing');
  });

  it.each([
    ['DIRECTORY_NEWER', JSON.stringify({ format: directoryFormat + 1, role: 'register' })],
    ['DIRECTORY_NEWER', JSON.stringify({ format: directoryFormat + 1, role: 'new kind' })],
    ['DIRECTORY_FOREIGN', JSON.stringify({ format: directoryFormat, role: 'relay' })],
    ['FILE_DAMAGED', ''],
    ['FILE_DAMAGED', '{"format":1'],
    ['FILE_DAMAGED', '{"format":"1","role":"register"}'],
    ['FILE_DAMAGED', '{"format":0,"role":"register"}'],
    ['FILE_DAMAGED', '[]'],
  ])('%s for %s, and leaves the file as it is', (code, text) => {
    const disk = plant(text);
    expect(() => claimDirectory(disk, '/data', 'register')).toThrow(
      expect.objectContaining({ code }),
    );
    expect(new TextDecoder().decode(disk.read('/data/format.json'))).toBe(text);
  });
});
