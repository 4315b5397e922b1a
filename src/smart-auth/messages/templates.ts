/** The texts of messages, as data: `{name}` stands for a value. What a lock screen shows tells nothing of health. */
import type { Language, Message } from './port.ts';

interface Text {
  readonly subject: string;
  readonly body: string;
}

const TEMPLATES: Readonly<Record<string, Readonly<Record<Language, Text>>>> = {
  code: {
    en: {
      subject: 'Your code',
      body: 'Your code is {code}. It is good for {minutes} minutes. Give it to nobody; we never ask for it.',
    },
    hi: {
      subject: 'आपका कोड',
      body: 'आपका कोड {code} है। यह {minutes} मिनट तक मान्य है। इसे किसी को न बताएँ; हम इसे कभी नहीं पूछते।',
    },
  },
  'reset-password': {
    en: {
      subject: 'Choose a new password',
      body: 'Someone, probably you, asked for a new password. Choose it within {minutes} minutes:\n\n{link}\n\nIf it was not you, ignore this message: nothing has changed.',
    },
    hi: {
      subject: 'नया पासवर्ड चुनें',
      body: 'किसी ने, संभवतः आपने, नया पासवर्ड माँगा है। {minutes} मिनट के भीतर इसे चुनें:\n\n{link}\n\nयदि वह आप नहीं थे, तो इस संदेश को अनदेखा करें: कुछ भी नहीं बदला है।',
    },
  },
  invitation: {
    en: {
      subject: 'You have been given access',
      body: 'An account has been made for you. Choose a password within {hours} hours:\n\n{link}\n\nLater on, "Forgot password" gives you a new link.',
    },
    hi: {
      subject: 'आपको पहुँच दी गई है',
      body: 'आपके लिए एक खाता बनाया गया है। {hours} घंटे के भीतर पासवर्ड चुनें:\n\n{link}\n\nबाद में "पासवर्ड भूल गए" से नया लिंक मिलेगा।',
    },
  },
  'already-registered': {
    en: {
      subject: 'You have an account already',
      body: 'Someone, probably you, tried to register with this address, which has an account already. Sign in, or use "Forgot password". If it was not you, ignore this message.',
    },
    hi: {
      subject: 'आपका खाता पहले से है',
      body: 'किसी ने, संभवतः आपने, इस पते से पंजीकरण करना चाहा, जिसका खाता पहले से है। साइन इन करें या "पासवर्ड भूल गए" चुनें। यदि वह आप नहीं थे, तो इस संदेश को अनदेखा करें।',
    },
  },
  'password-changed': {
    en: {
      subject: 'Your password was changed',
      body: 'The password of your account was changed, and all its sessions were ended. If it was not you, use "Forgot password" now and tell your clinic.',
    },
    hi: {
      subject: 'आपका पासवर्ड बदल दिया गया',
      body: 'आपके खाते का पासवर्ड बदल दिया गया और सभी सत्र समाप्त कर दिए गए। यदि वह आप नहीं थे, तो अभी "पासवर्ड भूल गए" का उपयोग करें और अपने क्लिनिक को बताएँ।',
    },
  },
};

/** Throws where there is no such template, or a value is missing: a message with holes is none. */
export function textOf({ template, language, values }: Message): Text {
  const text = TEMPLATES[template]?.[language];
  if (!text) throw new TypeError(`there is no message template ${template}`);
  return { subject: filled(text.subject, values), body: filled(text.body, values) };
}

function filled(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new TypeError(`the message needs a value ${name}`);
    return value;
  });
}
