/** The pages: what people see of OAuth. */
import type { IncomingHttpHeaders } from 'node:http';
import type { ApiAnswer } from '../../api/route.ts';
import { pageAnswer } from './page.ts';
import { errorPage } from './views/error.ts';
import { visitOf } from './visit.ts';

export type { PageDeps } from './deps.ts';
export { createPatients } from './patients.ts';
export { createBrowsers, createGrants, createNames } from './records.ts';
export { passwordPath } from './paths.ts';
export { pageRoutes } from './routes/index.ts';

/** How a person is told what an app did wrong, where it isn't safe to go back to the app. */
export function appErrorPage(publicUrl: string, message: string, headers: IncomingHttpHeaders): ApiAnswer {
  const call = { params: {}, query: {}, body: {}, headers, requestId: '', address: '', publicUrl };
  const visit = visitOf(call, {});
  return pageAnswer(visit, errorPage(visit, 'app', message), { status: 400, audit: { reason: 'app' } });
}
