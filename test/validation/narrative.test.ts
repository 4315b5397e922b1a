import { describe, expect, it } from '@jest/globals';
import { narrativeFault } from '../../src/fhir/validation/narrative/narrative.ts';

const div = (inner: string, attributes = ''): string => `<div xmlns="http://www.w3.org/1999/xhtml"${attributes}>${inner}</div>`;

const GOOD = [
  div('x'),
  ` \n${div('x')}\n`,
  div('<p>a<br/>b <b class="x" id="y">c</b></p><hr />'),
  div('<table border="1"><tbody><tr><td colspan="2">x</td></tr></tbody></table>'),
  div('<a href="Patient/1">x</a><a href="https://x.org/?a=1&amp;b=2">y</a><a name="z">z</a><a href="#z">z</a>'),
  div('<img src="data:image/png;base64,AAAA" alt="x"/>'),
  div('<!-- a comment -->x'),
  div('5 &lt; 6 &amp; 7 &#160; &#xA0; &#128512; &quot;&apos; 😀'),
  div('<p style="color: red; width: 10px">x</p>'),
  div('<p title=\'single "quotes"\'>x</p>'),
  div('x', ' xml:lang="en" lang="en"'),
  "<div xmlns='http://www.w3.org/1999/xhtml'>x</div>",
];

/** By the invariant they break. */
const BAD: Record<'form' | 'txt-1' | 'txt-2', string[]> = {
  form: [
    '',
    'x',
    '<div>x</div>',
    '<p xmlns="http://www.w3.org/1999/xhtml">x</p>',
    '<div xmlns="http://www.w3.org/2000/svg">x</div>',
    `x${div('x')}`,
    `${div('x')}x`,
    div('x') + div('y'),
    div('<p>x'),
    div('x</p>'),
    div('<b><i>x</b></i>'),
    div('<p class=x>x</p>'),
    div('<p class="x>x</p>'),
    div('<p class="x" class="y">x</p>'),
    div('<p class="a<b">x</p>'),
    div('a & b'),
    div('&nbsp;x'),
    div('<p title="&copy;">x</p>'),
    div('&#0;'),
    div('&#xD800;'),
    div('&#9999999;'),
    div('&#X41;'),
    div('a\u0001b'),
    div('a\ud800b'),
    div('a < b'),
    div('<![CDATA[x]]>'),
    div('<?php x ?>'),
    div('<!DOCTYPE html>x'),
    div('<!-- a -- b -->x'),
    div('<!--> <p>x</p> -->'),
    div('<!---> x -->'),
    div('<!-- x'),
    '<div xmlns="http://www.w3.org/1999/xhtml">x',
    '<div xmlns="http://www.w3.org/1999/xhtml"',
  ],
  'txt-1': [
    div('<script>alert(1)</script>'),
    div('<script src="x"/>'),
    div('<SCRIPT>x</SCRIPT>'),
    div('<svg><script>x</script></svg>'),
    div('<style>p { color: red }</style>x'),
    div('<iframe src="x"></iframe>'),
    div('<object data="x"/>'),
    div('<form action="x"><input/></form>'),
    div('<link href="x"/>x'),
    div('<base href="x"/>x'),
    div('<math>x</math>'),
    div('<x:p xmlns:x="http://www.w3.org/1999/xhtml">x</x:p>'),
    div('<p onclick="x()">x</p>'),
    div('<img src="x" onerror="x()"/>'),
    div('<p ONCLICK="x()">x</p>'),
    div('x', ' onload="x()"'),
    div('<a href="javascript:x()">x</a>'),
    div('<a href=" JavaScript:x()">x</a>'),
    div('<a href="java&#10;script:x()">x</a>'),
    div('<a href="java\tscript:x()">x</a>'),
    div('<a href="&#106;avascript:x()">x</a>'),
    div('<a href="&#x6a;avascript&#58;x()">x</a>'),
    div('<a href="vbscript:x">x</a>'),
    div('<a href="data:text/html,x">x</a>'),
    div('<img src="data:text/html;base64,AAAA"/>'),
    div('<img src="data:image/svg+xml;base64,AAAA"/>'),
    div('<p style="background: url(http://x.org/y)">x</p>'),
    div('<p style="width: expression(x())">x</p>'),
    div('<p style="width: e\\78pression(x())">x</p>'),
    div('<p style="width: exp/**/ression(x())">x</p>'),
    div('<p style="behavior: url(x)">x</p>'),
    div('<p xmlns:xlink="x">x</p>'),
  ],
  'txt-2': [div(''), div(' \n '), div('<p> </p>'), div('<!-- x -->'), '<div xmlns="http://www.w3.org/1999/xhtml"/>'],
};

it.each(GOOD)('takes %s', (text) => expect(narrativeFault(text)).toBeUndefined());

describe.each(Object.entries(BAD))('%s', (key, texts) => {
  it.each(texts)('refuses %s', (text) => expect(narrativeFault(text)?.key).toBe(key));
});

it('takes megabytes in its stride', () => {
  const many = 500_000;
  expect(narrativeFault(div('<p>x</p>'.repeat(many)))).toBeUndefined();
  expect(narrativeFault(div('<p>'.repeat(many) + '</p>'.repeat(many)))?.key).toBe('txt-2');
  expect(narrativeFault(div('<p>'.repeat(many)))?.key).toBe('form');
  expect(narrativeFault(div(`<p ${'a="b" '.repeat(many)}>`))?.key).toBe('txt-1');
  expect(narrativeFault(div(`<p ${' '.repeat(many)}`))?.key).toBe('form');
  expect(narrativeFault(div('&'.repeat(many)))?.key).toBe('form');
  expect(narrativeFault(div(`<p title="${'&amp;'.repeat(many)}">x</p>`))).toBeUndefined();
});
