/** Where the pages are. */
export const PATHS = {
  login: '/oauth2/login',
  secondFactor: '/oauth2/second-factor',
  clinic: '/oauth2/clinic',
  patient: '/oauth2/patient',
  consent: '/oauth2/consent',
  apps: '/oauth2/apps',
  signOut: '/oauth2/sign-out',
  password: '/password',
  forgotPassword: '/password/forgot',
} as const;

/** Where a link leads that was sent to someone to choose their password. */
export const passwordPath = (token: string): string => `${PATHS.password}?token=${encodeURIComponent(token)}`;
