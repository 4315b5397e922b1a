/** How values are brought into comparable form, in resources and in searches alike. */
export { createDateRange, dateRange, type DateRange, type DateSpan } from './dates.ts';
export { fold } from './fold.ts';
export { numberRange, type NumberRange } from './numbers.ts';
export { createUnits, type CanonicalQuantity, type Units } from './units.ts';
