/** Where our own canonical URLs start. Whoever publishes the guide under another domain changes it here, and only here. */
export const CANONICAL_BASE = 'https://nadi.example/fhir';
