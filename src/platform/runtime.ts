/** The runtime that this program needs. Nothing here may itself need it: an old one has to get as far as the message. */

const OLDEST = 24;

/** One line that says what to do, if the version (`v20.11.0`) is too old; undefined otherwise. */
export function runtimeProblem(version: string): string | undefined {
  const major = Number(version.slice(1).split('.')[0]);
  if (major >= OLDEST) return undefined;
  return `nadi needs Node ${OLDEST} or later and this is ${version}: use npm start, which brings its own, or install Node ${OLDEST}`;
}
