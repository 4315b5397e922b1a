/** `npm run test:soak`: SOAK_RUNS says how many times as long random and kill tests go on as they do on every change. */
const factor = Number(process.env['SOAK_RUNS'] ?? 1);
if (!Number.isInteger(factor) || factor < 1) throw new Error('SOAK_RUNS is a whole number from 1');

/** Of runs, rounds, or milliseconds that a test may take. */
export const longer = (usual: number): number => usual * factor;
