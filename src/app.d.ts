import type { StatusServices } from '#lib/host/services.ts';

declare global {
  namespace App {
    interface Locals {
      services: StatusServices;
    }
  }
}
