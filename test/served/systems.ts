/** Back-end systems of a clinic, and the tokens they get by signed assertions. */
import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { registerApp } from './app.ts';
import type { Told } from './ask.ts';
import type { Clinic, ServedWorld } from './world.ts';

export interface System {
  /** What the token endpoint says. */
  ask(scope: string): Promise<Told>;
  /** Throws where the scope isn't given as asked. */
  token(scope: string): Promise<string>;
}

/** A back-end system of the clinic that may be given `scope` at most: https://hl7.org/fhir/smart-app-launch/backend-services.html */
export async function registerSystem(world: ServedWorld, clinic: Clinic, scope: string): Promise<System> {
  const { privateKey, publicKey } = await generateKeyPair('ES384', { extractable: true });
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES384', use: 'sig', key_ops: ['verify'] }] };
  const more = { authMethod: 'private_key_jwt', redirectUris: [], grantTypes: ['client_credentials'], scope, jwks };
  const { clientId: id } = await registerApp(world, more, clinic);
  const assertion = (): Promise<string> =>
    new SignJWT({ jti: randomUUID() })
      .setProtectedHeader({ alg: 'ES384', typ: 'JWT', kid: 'k' })
      .setIssuer(id)
      .setSubject(id)
      .setAudience(`${world.url}/oauth2/token`)
      .setExpirationTime('4m')
      .sign(privateKey);
  const ask = async (wanted: string): Promise<Told> =>
    world.ask('/oauth2/token', {
      form: {
        ...{ grant_type: 'client_credentials', scope: wanted, client_assertion: await assertion() },
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      },
    });
  return {
    ask,
    async token(wanted) {
      const { body, text } = await ask(wanted);
      if (typeof body['access_token'] !== 'string' || body['scope'] !== wanted) throw new Error(text);
      return body['access_token'];
    },
  };
}
