/** Names, addresses and numbers of people as they are compared and kept. */
import { createHash, randomBytes, randomInt } from 'node:crypto';

/** Trimmed, lower case, NFC: the form in which an address is unique. */
export const normalEmail = (email: string): string => email.trim().normalize('NFC').toLowerCase();

/** What is opaque to those who hold it: 256 random bits. */
export const newToken = (): string => randomBytes(32).toString('base64url');

/** Six figures. */
export const newCode = (): string => String(randomInt(1_000_000)).padStart(6, '0');

/** For what has its own 80 random bits and more: there is nothing to guess. */
export const digest = (token: string): string => createHash('sha256').update(token).digest('hex');
