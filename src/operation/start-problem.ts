/** Errors that have names of their own and a message for whoever starts the program. */
const PLAIN = new Set(['SettingError', 'DataDirectoryError']);

/** One line for what whoever starts the program can mend; the whole stack for anything else. */
export function startProblem(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE' || code === 'EACCES')
    return `HOST and PORT can't be used (${code}): another program listens there, or it isn't allowed`;
  if (error.name === 'FhirError')
    return `DATABASE_URL can't be used: ${error.message}; see that the database runs and that this is its address`;
  return PLAIN.has(error.name) ? error.message : (error.stack ?? error.message);
}
