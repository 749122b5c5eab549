import { describe, expect, it } from 'vitest';
import { may, roles, type Permission, type Role } from './operator.ts';

describe('what each role may do', () => {
  it.each<[Permission, Role[]]>([
    ['sell', ['cashier', 'supervisor', 'manager']],
    ['returnWithReceipt', ['cashier', 'supervisor', 'manager']],
    ['countStock', ['cashier', 'supervisor', 'manager']],
    ['closeDay', ['cashier', 'supervisor', 'manager']],
    ['returnWithoutReceipt', ['supervisor', 'manager']],
    ['overridePrice', ['supervisor', 'manager']],
    ['giveDiscount', ['supervisor', 'manager']],
    ['adjustStock', ['supervisor', 'manager']],
    ['adjustLedger', ['supervisor', 'manager']],
    ['unlockOperator', ['supervisor', 'manager']],
    ['switchLinks', ['supervisor', 'manager']],
    ['pardonPeer', ['supervisor', 'manager']],
    ['useHeadOffice', ['manager']],
    ['enrolTerminal', ['manager']],
  ])('%s: %j', (permission, allowed) => {
    expect(roles.filter((role) => may({ roles: [role] }, permission))).toStrictEqual(allowed);
  });

  it('several roles add up, and none is nothing', () => {
    expect(may({ roles: ['cashier', 'manager'] }, 'adjustStock')).toBe(true);
    expect(may({ roles: [] }, 'sell')).toBe(false);
  });
});
