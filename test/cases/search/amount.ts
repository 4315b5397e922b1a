/** https://hl7.org/fhir/R4/search.html#number, https://hl7.org/fhir/R4/search.html#quantity */
import type { SearchCase } from './types.ts';

const UCUM = 'http://unitsofmeasure.org';

export const NUMBER_CASES: readonly SearchCase[] = [
  { search: 'RiskAssessment?probability=0.8', finds: ['risk-75', 'risk-80', 'risk-801'], tree: '(number probability lo>=0.75 hi<0.85)' },
  { search: 'RiskAssessment?probability=0.80', finds: ['risk-80', 'risk-801'] },
  { search: 'RiskAssessment?probability=0.800', finds: ['risk-80'] },
  { search: 'RiskAssessment?probability=8e-1', finds: ['risk-80', 'risk-801'] },
  { search: 'RiskAssessment?probability=gt0.8', finds: ['risk-801', 'risk-85', 'risk-100'], tree: '(number probability hi>0.8)' },
  { search: 'RiskAssessment?probability=ge0.8', finds: ['risk-80', 'risk-801', 'risk-85', 'risk-100'] },
  { search: 'RiskAssessment?probability=lt0.8', finds: ['risk-75'] },
  { search: 'RiskAssessment?probability=le0.80', finds: ['risk-75', 'risk-80'] },
  { search: 'RiskAssessment?probability=sa0.8', finds: ['risk-801', 'risk-85', 'risk-100'] },
  { search: 'RiskAssessment?probability=eb0.8', finds: ['risk-75'] },
  { search: 'RiskAssessment?probability=ne0.80', finds: ['risk-75', 'risk-85', 'risk-100'] },
  { search: 'RiskAssessment?probability=ap0.8', finds: ['risk-75', 'risk-80', 'risk-801', 'risk-85'] },
  { search: 'RiskAssessment?probability=100', finds: ['risk-100'] },
  { search: 'RiskAssessment?probability=1e2', finds: ['risk-100'] },
  { search: 'RiskAssessment?probability=100.4', finds: [] },
  { search: 'RiskAssessment?probability=gt0.75&probability=lt0.85', finds: ['risk-80', 'risk-801'] },
  { search: 'RiskAssessment?probability=0.75,0.85', finds: ['risk-75', 'risk-85'] },
];

export const QUANTITY_CASES: readonly SearchCase[] = [
  { search: 'Observation?value-quantity=95', finds: ['obs-mg', 'obs-unit'], tree: '(quantity value-quantity lo>=94.5 hi<95.5)' },
  { search: `Observation?value-quantity=95|${UCUM}|mg/dL`, finds: ['obs-mg', 'obs-g'] },
  { search: `Observation?value-quantity=0.95|${UCUM}|g/L`, finds: ['obs-mg', 'obs-g'] },
  { search: `Observation?value-quantity=gt94.9|${UCUM}|mg/dL`, finds: ['obs-mg', 'obs-g'] },
  { search: `Observation?value-quantity=gt95|${UCUM}|mg/dL`, finds: [] },
  { search: `Observation?value-quantity=ge95|${UCUM}|mg/dL`, finds: ['obs-mg', 'obs-g'] },
  { search: `Observation?value-quantity=lt0.951|${UCUM}|g/L`, finds: ['obs-mg', 'obs-g'] },
  { search: 'Observation?value-quantity=95||mg/dL', finds: ['obs-mg', 'obs-unit'] },
  { search: `Observation?value-quantity=70.5|${UCUM}|kg`, finds: ['obs-kg', 'obs-grams'] },
  { search: `Observation?value-quantity=70500|${UCUM}|g`, finds: ['obs-kg', 'obs-grams'] },
  { search: `Observation?value-quantity=70.4|${UCUM}|kg`, finds: [] },
  { search: `Observation?value-quantity=71|${UCUM}|kg`, finds: ['obs-kg', 'obs-grams'] },
  { search: `Observation?value-quantity=ap75|${UCUM}|kg`, finds: ['obs-kg', 'obs-grams'] },
  { search: `Observation?value-quantity=ne95|${UCUM}|mg/dL`, finds: [] },
  { search: `Observation?value-quantity=70.5|${UCUM}|m`, finds: [] },
  { search: 'Observation?value-quantity=70.5', finds: ['obs-kg'] },
  { search: 'Observation?value-quantity=gt100', finds: ['obs-grams'] },
  { search: `Observation?component-value-quantity=gt100|${UCUM}|mm[Hg]`, finds: ['obs-bp'] },
  { search: `Observation?component-value-quantity=lt60|${UCUM}|mm[Hg]`, finds: ['obs-bp-low'] },
  { search: `Observation?combo-value-quantity=lt1|${UCUM}|kg`, finds: [] },
  { search: `Encounter?length=90|${UCUM}|min`, finds: ['enc-open', 'enc-long'] },
  { search: `Encounter?length=gt2|${UCUM}|h`, finds: ['enc-day'] },
  { search: `Condition?onset-age=gt50|${UCUM}|a`, finds: ['cond-old'] },
  { search: `Condition?onset-age=gt52|${UCUM}|a`, finds: [] },
];
