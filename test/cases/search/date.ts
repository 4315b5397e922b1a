/** https://hl7.org/fhir/R4/search.html#date; dates without a zone are in Asia/Kolkata (+05:30). */
import type { SearchCase } from './types.ts';

export const DATE_CASES: readonly SearchCase[] = [
  {
    search: 'Patient?birthdate=1980-02-03',
    finds: ['pat-anna'],
    tree: '(date birthdate lo>=1980-02-02T18:30:00.000Z hi<=1980-02-03T18:29:59.999Z)',
  },
  { search: 'Patient?birthdate=1980-02', finds: ['pat-anna'] },
  { search: 'Patient?birthdate=1980', finds: ['pat-anna', 'pat-devi', 'pat-peter'] },
  { search: 'Patient?birthdate=eq1980', finds: ['pat-anna', 'pat-devi', 'pat-peter'] },
  { search: 'Patient?birthdate=1979', finds: ['pat-jose'] },
  { search: 'Patient?birthdate=1979-12-15', finds: [] },
  {
    search: 'Patient?birthdate=ge1980',
    finds: ['pat-anna', 'pat-devi', 'pat-peter', 'pat.dotted-1', 'pat-new'],
    tree: '(or (date birthdate lo>=1979-12-31T18:30:00.000Z) (date birthdate hi>1980-12-31T18:29:59.999Z))',
  },
  { search: 'Patient?birthdate=gt1980', finds: ['pat.dotted-1', 'pat-new'], tree: '(date birthdate hi>1980-12-31T18:29:59.999Z)' },
  { search: 'Patient?birthdate=sa1980', finds: ['pat.dotted-1', 'pat-new'], tree: '(date birthdate lo>1980-12-31T18:29:59.999Z)' },
  { search: 'Patient?birthdate=gt1980-02-03', finds: ['pat-devi', 'pat-peter', 'pat.dotted-1', 'pat-new'] },
  { search: 'Patient?birthdate=sa1980-02-03', finds: ['pat-peter', 'pat.dotted-1', 'pat-new'] },
  { search: 'Patient?birthdate=lt1980-02-03', finds: ['pat-devi', 'pat-jose'], tree: '(date birthdate lo<1980-02-02T18:30:00.000Z)' },
  { search: 'Patient?birthdate=eb1980-02-03', finds: ['pat-jose'], tree: '(date birthdate hi<1980-02-02T18:30:00.000Z)' },
  { search: 'Patient?birthdate=le1980-02-03', finds: ['pat-anna', 'pat-devi', 'pat-jose'] },
  { search: 'Patient?birthdate=le1980', finds: ['pat-anna', 'pat-devi', 'pat-jose', 'pat-peter'] },
  { search: 'Patient?birthdate=lt1980', finds: ['pat-jose'] },
  { search: 'Patient?birthdate=ne1980', finds: ['pat-jose', 'pat.dotted-1', 'pat-new'] },
  { search: 'Patient?birthdate=ne1980-02-03', finds: ['pat-devi', 'pat-jose', 'pat-peter', 'pat.dotted-1', 'pat-new'] },
  { search: 'Patient?birthdate=ge1980-02-03&birthdate=le1980-12-31', finds: ['pat-anna', 'pat-devi', 'pat-peter'] },
  { search: 'Patient?birthdate=1980-02-03,2000-02-29', finds: ['pat-anna', 'pat.dotted-1'] },
  // A tenth of the 42 years until the day of the tests.
  { search: 'Patient?birthdate=ap1982-01-01', finds: ['pat-anna', 'pat-devi', 'pat-jose', 'pat-peter'] },
  { search: 'Patient?birthdate=ap2010', finds: ['pat-new'] },
  { search: 'Patient?death-date=2020-05-01T04:30:00Z', finds: ['pat-jose'] },
  { search: 'Patient?death-date=2020-05-01T10:00:00%2B05:30', finds: ['pat-jose'] },
  { search: 'Patient?death-date=2020-05-01T10:00', finds: ['pat-jose'] },
  { search: 'Patient?death-date=2020-05-01T10:00:00', finds: ['pat-jose'] },
  { search: 'Patient?death-date=2020-05-01T10:00:00Z', finds: [] },
  { search: 'Patient?death-date=gt2020-05-01T04:29:59Z', finds: ['pat-jose'] },
];

/** Periods, with open ends too, and moments in other zones. */
export const PERIOD_CASES: readonly SearchCase[] = [
  { search: 'Encounter?date=2024-01-10', finds: ['enc-day'] },
  { search: 'Encounter?date=2024-01', finds: ['enc-day'] },
  { search: 'Encounter?date=ge2024-01-10', finds: ['enc-open', 'enc-day', 'enc-long'] },
  { search: 'Encounter?date=gt2024-01-10', finds: ['enc-open', 'enc-long'] },
  { search: 'Encounter?date=sa2024-01-09', finds: ['enc-open', 'enc-day'] },
  { search: 'Encounter?date=sa2024-01-10', finds: [] },
  { search: 'Encounter?date=le2024-01-10', finds: ['enc-day', 'enc-long', 'enc-end'] },
  { search: 'Encounter?date=lt2024-01-10', finds: ['enc-long', 'enc-end'] },
  { search: 'Encounter?date=eb2024-01-10', finds: ['enc-end'] },
  { search: 'Encounter?date=eb2024-01-13', finds: ['enc-day', 'enc-long', 'enc-end'] },
  { search: 'Encounter?date=ne2024-01-10', finds: ['enc-open', 'enc-long', 'enc-end'] },
  { search: 'Encounter?date=gt2030', finds: ['enc-open'] },
  { search: 'Encounter?date=lt1900', finds: ['enc-end'] },
  { search: 'Encounter?date=ge2024-01-11&date=le2024-01-12', finds: ['enc-open', 'enc-long'] },
  { search: 'Observation?date=2024-01-10', finds: ['obs-mg', 'obs-grams'] },
  { search: 'Observation?date=2024-01-11', finds: ['obs-g'] },
  { search: 'Observation?date=2024-01-10T18:40:00Z', finds: ['obs-g'] },
  { search: 'Observation?date=2024-01-11T00:10:00', finds: ['obs-g'] },
  { search: 'Observation?date=2024-01-10T06:30:00.500Z', finds: ['obs-grams'] },
  { search: 'Observation?date=2024-01-10T06:30:00Z', finds: ['obs-grams'] },
  { search: 'Observation?date=2024-01-10T06:30:00.499Z', finds: [] },
  // 23:30 on New Year's Eve in New York is New Year's morning in Kolkata.
  { search: 'Observation?date=2024-01-01', finds: ['obs-bp', 'obs-bp-low'] },
  { search: 'Observation?date=2023', finds: [] },
  { search: 'Observation?date=2024-01', finds: ['obs-mg', 'obs-g', 'obs-unit', 'obs-kg', 'obs-grams', 'obs-bp', 'obs-bp-low'] },
  { search: 'Observation?date=lt2023', finds: ['obs-string'] },
];

export const LAST_UPDATED_CASES: readonly SearchCase[] = [
  { search: 'Basic?_lastUpdated=2024-01-15', finds: ['basic-early'] },
  {
    search: 'Basic?_lastUpdated=gt2024-01-31',
    finds: ['basic-late'],
    tree: '(last-updated hi>2024-01-31T18:29:59.999Z)',
  },
  { search: 'Basic?_lastUpdated=ge2024-02-01T00:00:00Z', finds: ['basic-late'] },
  { search: 'Basic?_lastUpdated=gt2024-02-01T00:00:00Z', finds: [] },
  { search: 'Basic?_lastUpdated=lt2024-01-15T10:00:01Z', finds: [] },
  { search: 'Basic?_lastUpdated=le2024-01-15T10:00:01Z', finds: ['basic-early'] },
  { search: 'Basic?_lastUpdated=eb2024-02-01', finds: ['basic-early'] },
  { search: 'Basic?_lastUpdated=sa2024-01-15', finds: ['basic-late'] },
  { search: 'Basic?_lastUpdated=ne2024-01-15', finds: ['basic-late'] },
  { search: 'Patient?_lastUpdated=gt2024-01-15', finds: ['pat-new'] },
];
