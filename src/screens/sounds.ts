/** Short tones for a scanner's user, who does not look at the screen. Can be muted on each machine. */
const storageKey = 'tillmesh-sounds';

export type Tone = 'ok' | 'unknown' | 'refused';

/** Hertz and seconds, one after the other. */
const tones: Readonly<Record<Tone, readonly (readonly [hertz: number, seconds: number])[]>> = {
  ok: [[1_320, 0.06]],
  unknown: [
    [330, 0.12],
    [247, 0.18],
  ],
  refused: [[196, 0.28]],
};

let context: AudioContext | undefined;

export const soundsAreOn = (): boolean => {
  try {
    return localStorage.getItem(storageKey) !== 'off';
  } catch {
    // A browser that keeps nothing for pages: sounds are on until it is closed.
    return true;
  }
};

export function switchSounds(on: boolean): void {
  try {
    localStorage.setItem(storageKey, on ? 'on' : 'off');
  } catch {
    // As above: the choice is forgotten, which is no reason to stop.
  }
}

export function play(tone: Tone): void {
  if (!soundsAreOn() || !('AudioContext' in globalThis)) return;
  context ??= new AudioContext();
  // Browsers keep it silent until somebody has touched the page, and say so by its state.
  if (context.state === 'suspended') void context.resume();
  let at = context.currentTime;
  for (const [hertz, seconds] of tones[tone]) {
    const oscillator = context.createOscillator();
    const volume = context.createGain();
    oscillator.frequency.value = hertz;
    // Fades, because a tone that is cut off clicks.
    volume.gain.setValueAtTime(0.12, at);
    volume.gain.exponentialRampToValueAtTime(0.001, at + seconds);
    oscillator.connect(volume).connect(context.destination);
    oscillator.start(at);
    oscillator.stop(at + seconds);
    at += seconds;
  }
}
