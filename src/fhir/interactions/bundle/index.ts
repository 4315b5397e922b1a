/** POST to the base: https://hl7.org/fhir/R4/http.html#transaction */
import { fhirError } from '../../outcome/error.ts';
import type { Route } from '../router.ts';
import { batch } from './batch.ts';
import { openBundle } from './read-bundle.ts';
import { transaction } from './transaction.ts';

/** The route of batches and transactions. */
export function bundleRoutes(): Route[] {
  return [
    {
      method: 'POST',
      pattern: '',
      interactions: ['transaction', 'batch'],
      handle: async (call) => {
        const parts = await openBundle(call);
        const type = parts.head.value['type'];
        if (type === 'transaction') return transaction(call, parts);
        if (type === 'batch') return batch(call, parts);
        throw fhirError(
          'invalid-structure',
          'a bundle sent to the base is a batch or a transaction',
          'Set Bundle.type, or send it to /Bundle to keep it as it is.',
          'Bundle.type',
        );
      },
    },
  ];
}
