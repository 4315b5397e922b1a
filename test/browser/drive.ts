/** What people do on the pages. */
import { generate } from 'otplib';
import type { Page } from 'playwright-core';
import { TOTP_SECRET } from './people.ts';

export async function signIn(page: Page, who: { readonly email: string; readonly password: string }): Promise<void> {
  await page.fill('#email', who.email);
  await page.fill('#password', who.password);
  await enter(page);
}

/** The code that an authenticator app shows now. */
export async function passCode(page: Page): Promise<void> {
  await page.fill('#code', await generate({ secret: TOTP_SECRET }));
  await enter(page);
}

/** Sends the form whose field has the focus. */
export async function enter(page: Page): Promise<void> {
  await Promise.all([page.waitForEvent('framenavigated'), page.keyboard.press('Enter')]);
  await page.waitForLoadState();
}
