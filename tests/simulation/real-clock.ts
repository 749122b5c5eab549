/** The machine's clock, for tests on real sockets; whatever can run on a virtual one should. */
export { machineClock as realClock } from '#lib/host/machine-clock.ts';
