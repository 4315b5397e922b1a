import { describe, expect, it } from '@jest/globals';
import { routePattern } from '../../src/operation/route-pattern.ts';

describe('what may be said of a URL', () => {
  it.each([
    ['GET', '/fhir/R4/Patient/123', '/fhir/R4/:type/:id', 'read'],
    ['HEAD', '/fhir/R4/Patient/123', '/fhir/R4/:type/:id', 'read'],
    ['GET', '/fhir/R4/Patient/123/_history/4', '/fhir/R4/:type/:id/_history/:vid', 'vread'],
    ['GET', '/fhir/R4/Patient/123/_history?_count=2', '/fhir/R4/:type/:id/_history', 'history-instance'],
    ['GET', '/fhir/R4/Patient/_history', '/fhir/R4/:type/_history', 'history-type'],
    ['GET', '/fhir/R4/_history', '/fhir/R4/_history', 'history-system'],
    ['PUT', '/fhir/R4/Patient/123', '/fhir/R4/:type/:id', 'update'],
    ['PUT', '/fhir/R4/Patient?identifier=a|Rao', '/fhir/R4/:type', 'update'],
    ['PATCH', '/fhir/R4/Patient/123', '/fhir/R4/:type/:id', 'patch'],
    ['DELETE', '/fhir/R4/Patient/123', '/fhir/R4/:type/:id', 'delete'],
    ['POST', '/fhir/R4/Patient', '/fhir/R4/:type', 'create'],
    ['POST', '/fhir/R4', '/fhir/R4', 'batch'],
    ['POST', '/fhir/R4/', '/fhir/R4', 'batch'],
    ['GET', '/fhir/R4/Patient?name=Rao', '/fhir/R4/:type', 'search-type'],
    ['POST', '/fhir/R4/Patient/_search', '/fhir/R4/:type/_search', 'search-type'],
    ['POST', '/fhir/R4/_search', '/fhir/R4/_search', 'search-system'],
    ['GET', '/fhir/R4/Patient/123/Observation', '/fhir/R4/:type/:id/:more', 'search-compartment'],
    ['GET', '/fhir/R4/Patient/123/$everything', '/fhir/R4/:type/:id/:operation', 'operation'],
    ['GET', '/fhir/R4/metadata', '/fhir/R4/metadata', 'capabilities'],
    ['GET', '/clinics/apollo/fhir/R4/Patient/1', '/clinics/:clinic/fhir/R4/:type/:id', 'read'],
    ['GET', '/healthz', '/healthz', 'operation'],
    ['GET', '/patients/rao?name=Rao', ':other', 'other'],
    ['GET', '/fhir/R4X/Patient', ':other', 'other'],
    ['BREW', '/fhir/R4/Patient/1', '/fhir/R4/:type/:id', 'other'],
  ])('%s %s is %s, %s', (method, url, route, interaction) => {
    expect(routePattern(method, url)).toEqual({ route, interaction });
  });

  it('L1: never passes on what a caller wrote', () => {
    for (const depth of [1, 2, 3, 4, 5, 6, 9]) {
      const url = `/clinics/secret0/fhir/R4/${Array.from({ length: depth }, (_, i) => `secret${i}`).join('/')}?secret=secret`;
      for (const method of ['GET', 'POST', 'PUT', 'DELETE']) expect(JSON.stringify(routePattern(method, url))).not.toContain('secret');
    }
  });
});
