/** POST to the base: https://hl7.org/fhir/R4/http.html#transaction */
import type { Definitions } from '../../model/definitions.ts';
import { fhirError } from '../../outcome/error.ts';
import type { Route } from '../router.ts';
import { batch } from './batch.ts';
import { createLinkRewriter } from './links.ts';
import { openBundle } from './read-bundle.ts';
import { transaction } from './transaction.ts';

/** The route of batches and transactions. */
export function bundleRoutes(definitions: Definitions): Route[] {
  const rewriter = createLinkRewriter(definitions);
  return [
    {
      method: 'POST',
      pattern: '',
      interactions: ['transaction', 'batch'],
      handle: async (call) => {
        const parts = await openBundle(call);
        const type = parts.head.value['type'];
        if (type === 'transaction') return transaction(call, parts, rewriter);
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
