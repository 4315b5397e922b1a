/** What people do on the pages. */
import { generate } from 'otplib';
import type { Page } from 'playwright-core';
import type { Doctor } from './people.ts';

export async function signIn(page: Page, who: { readonly email: string; readonly password: string }): Promise<void> {
  await page.fill('#email', who.email);
  await page.fill('#password', who.password);
  await enter(page);
}

const STEP_SECONDS = 30;

/** The code that an authenticator app shows next: the one of now was used to enrol it. */
export async function passCode(page: Page, { totp }: Doctor): Promise<void> {
  await page.fill('#code', await generate({ secret: totp, epoch: Math.floor(Date.now() / 1000) + STEP_SECONDS }));
  await enter(page);
}

/** Sends the form whose field has the focus. */
export async function enter(page: Page): Promise<void> {
  await Promise.all([page.waitForEvent('framenavigated'), page.keyboard.press('Enter')]);
  await page.waitForLoadState();
}
