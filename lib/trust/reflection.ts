/**
 * The three functions of the `Reflect.metadata` proposal that @peculiar/x509's injector asks for when it loads.
 * Nothing else in Tillmesh uses them. Where a full polyfill is present already, it stays.
 */
type Metadata = Map<unknown, unknown>;
const metadataOf = new WeakMap<object, Metadata>();

const read = (key: unknown, target: object): unknown => metadataOf.get(target)?.get(key);

function define(key: unknown, value: unknown, target: object): void {
  const metadata = metadataOf.get(target) ?? new Map<unknown, unknown>();
  metadata.set(key, value);
  metadataOf.set(target, metadata);
}

export function provideReflection(): void {
  if ('getMetadata' in Reflect) return;
  Object.assign(Reflect, { getMetadata: read, getOwnMetadata: read, defineMetadata: define });
}
