/** Who did it, by name where this till still knows the name. Pure. */
import type { OperatorName } from '#lib/host/till-services.ts';

/** An operator who has left the list, or of another shop, is shown by the id that the document holds. */
export const personName = (operators: readonly OperatorName[], id: string): string =>
  operators.find((operator) => operator.id === id)?.name ?? id;
