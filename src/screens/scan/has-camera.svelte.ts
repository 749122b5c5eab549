/** Whether this device has a camera that a page may ask for. Asking for it, and its light, come with the button. */
export class HasCamera {
  isThere = $state(false);

  /** For an effect: looks now and when one is plugged in. */
  watch(): (() => void) | undefined {
    // Only pages of a secure context have this: https, or the till's own screen.
    const devices = (navigator as { mediaDevices?: MediaDevices }).mediaDevices;
    if (!devices) return undefined;
    const look = (): void => {
      devices.enumerateDevices().then(
        (all) => (this.isThere = all.some(({ kind }) => kind === 'videoinput')),
        // A browser that does not tell has none for us.
        () => (this.isThere = false),
      );
    };
    look();
    devices.addEventListener('devicechange', look);
    return () => devices.removeEventListener('devicechange', look);
  }
}
