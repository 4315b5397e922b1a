/** What leaves for a person: a code, a link. Adapters send it; later ones know WhatsApp and SMS. */
export type Channel = 'email' | 'sms' | 'whatsapp';
export type Language = 'en' | 'hi';

export interface Message {
  /** An e-mail address, or a number in E.164. */
  readonly to: string;
  readonly channel: Channel;
  /** A name of `templates.ts`. */
  readonly template: string;
  readonly language: Language;
  readonly values: Readonly<Record<string, string>>;
}

export interface MessageSender {
  readonly channels: ReadonlySet<Channel>;
  /** Resolves once the next one in line has taken it. Throws when it wasn't taken: then it is tried again. */
  send(message: Message): Promise<void>;
  close(): Promise<void>;
}
