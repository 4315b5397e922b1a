/** The correlation id of a request: taken over from the caller, or made. */
const CALLERS = /^[A-Za-z0-9._:+/=@-]{1,128}$/;

/** Ids of callers are taken over only in a form that is safe in headers, logs and documents. */
export const requestIdOf = (given: string | string[] | undefined, newId: () => string): string =>
  typeof given === 'string' && CALLERS.test(given) ? given : newId();
