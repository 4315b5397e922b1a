/** https://hl7.org/fhir/R4/search.html#composite: all parts hold within one component. */
import type { SearchCase } from './types.ts';

const UCUM = 'http://unitsofmeasure.org';

export const COMPOSITE_CASES: readonly SearchCase[] = [
  {
    search: 'Observation?component-code-value-quantity=http://loinc.org|8480-6$gt100',
    finds: ['obs-bp'],
    tree: '(composite component-code-value-quantity (token 0 http://loinc.org|8480-6) (quantity 1 hi>100))',
  },
  // Both have a component with 80 mm[Hg], of different codes.
  { search: 'Observation?component-code-value-quantity=http://loinc.org|8462-4$80', finds: ['obs-bp'] },
  { search: 'Observation?component-code-value-quantity=http://loinc.org|8480-6$80', finds: ['obs-bp-low'] },
  { search: `Observation?component-code-value-quantity=http://loinc.org|8480-6$80|${UCUM}|mm[Hg]`, finds: ['obs-bp-low'] },
  { search: 'Observation?component-code-value-quantity=8462-4$lt90', finds: ['obs-bp', 'obs-bp-low'] },
  { search: 'Observation?component-code-value-quantity=8480-6$gt100,8462-4$lt60', finds: ['obs-bp', 'obs-bp-low'] },
  { search: 'Observation?component-code-value-quantity=8480-6$gt100&component-code-value-quantity=8462-4$lt60', finds: [] },
  { search: 'Observation?component-code-value-quantity=8480-6$lt100&component-code-value-quantity=8462-4$lt60', finds: ['obs-bp-low'] },
  { search: `Observation?code-value-quantity=http://loinc.org|2339-0$95|${UCUM}|mg/dL`, finds: ['obs-mg', 'obs-g'] },
  { search: `Observation?code-value-quantity=http://loinc.org|29463-7$95|${UCUM}|mg/dL`, finds: [] },
  { search: 'Observation?code-value-string=http://nadi.example/dosha|vp$vata', finds: ['obs-string'] },
  { search: 'Observation?combo-code-value-quantity=http://loinc.org|2339-0$95', finds: ['obs-mg', 'obs-unit'] },
  { search: 'Observation?combo-code-value-quantity=http://loinc.org|8480-6$120', finds: ['obs-bp'] },
];
