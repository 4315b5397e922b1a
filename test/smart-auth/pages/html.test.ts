import { expect, test } from '@jest/globals';
import { html } from '../../../src/smart-auth/pages/html.ts';

test('what is filled in is text, in content and in attributes', () => {
  const hostile = `<img src=x onerror=alert(1)> " ' \` & </p>`;
  const made = html`<p title="${hostile}">${hostile}</p>`.toString();
  expect(made.match(/</g)).toHaveLength(2);
  expect(made).not.toContain('" \'');
  expect(made).toContain('&lt;img src=x onerror=alert(1)&gt; &quot; &#39; &#96; &amp; &lt;/p&gt;');
});

test('templates, lists of them and conditions nest; nothing is escaped twice', () => {
  const items = ['a & b', 'c'].map((text) => html`<b>${text}</b>`);
  expect(html`<p>${items}${undefined}${false}${0}</p>`.toString()).toBe('<p><b>a &amp; b</b><b>c</b>0</p>');
});

test('an object that looks like HTML is no HTML', () => {
  const fake = { toString: () => '<b>' } as unknown as string;
  expect(() => html`${fake}`).toThrow();
});
