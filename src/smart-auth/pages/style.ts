/** The one stylesheet. Colours meet WCAG AA on white; what is touched is at least 48 px high. */
export const STYLE_PATH = '/oauth2/style.css';

export const STYLE = `*, *::before, *::after { box-sizing: border-box }
:root { color-scheme: light; --ink: #1b2126; --muted: #4a545e; --line: #6c7781; --faint: #d5dadf; --accent: #0a5c4c; --bad: #9f1519 }
html { font-size: 100%; -webkit-text-size-adjust: 100%; text-size-adjust: 100% }
body {
  margin: 0; padding: 0 1rem 2rem; color: var(--ink); background: #f3f5f4;
  font: 1.0625rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans Devanagari", sans-serif;
  overflow-wrap: anywhere;
}
:lang(hi) { line-height: 1.65 }
header, main { max-width: 34rem; margin: 0 auto }
header { min-height: 3rem; display: flex; justify-content: flex-end }
main { background: #fff; border: 1px solid var(--faint); border-radius: .75rem; padding: 1.25rem }
h1 { font-size: 1.5rem; line-height: 1.3; margin: 0 0 1rem }
h2 { font-size: 1.125rem; margin: 1.5rem 0 .5rem }
p { margin: 0 0 1rem }
a { color: var(--accent); text-underline-offset: .2em }
.muted { color: var(--muted) }
.language, .link { display: inline-flex; align-items: center; min-height: 3rem; padding: 0 .5rem; font: inherit; color: var(--accent);
  background: none; border: 0; width: auto; text-decoration: underline; text-underline-offset: .2em; cursor: pointer }
.link { padding: 0 }
:focus-visible { outline: 3px solid #1353c4; outline-offset: 2px; border-radius: .25rem }
label, legend { font-weight: 600 }
.field { margin: 0 0 1.25rem }
.field label { display: block; margin-bottom: .25rem }
.hint { display: block; color: var(--muted); font-size: .9375rem; margin-bottom: .25rem }
.field input { width: 100%; min-height: 3rem; padding: .5rem .75rem; font: inherit; color: inherit; background: #fff;
  border: 1px solid var(--line); border-radius: .5rem }
.field input[aria-invalid=true] { border: 2px solid var(--bad) }
.error { color: var(--bad); font-weight: 600 }
.field .error { display: block; margin-bottom: .25rem }
.alert, .note { border-left: .3rem solid var(--bad); background: #fdf0f0; padding: .75rem 1rem; margin: 0 0 1.25rem }
.note { border-color: var(--accent); background: #eef7f4 }
.warning { border-left: .3rem solid #8a5a00; background: #fff6e0; padding: .75rem 1rem; margin: 0 0 1.25rem }
.button { display: flex; width: 100%; min-height: 3rem; align-items: center; justify-content: center; padding: .5rem 1rem; font: inherit;
  font-weight: 600; text-align: center; text-decoration: none; border-radius: .5rem; border: 2px solid var(--accent); background: var(--accent);
  color: #fff; cursor: pointer }
.button:hover { background: #07483b }
.button.plain { background: #fff; color: var(--accent) }
.button.plain:hover { background: #eef7f4 }
.buttons { display: grid; gap: .75rem; margin: 1.5rem 0 1rem }
.app { display: flex; gap: .75rem; align-items: center; margin: 0 0 1rem }
.app .sign { flex: none; width: 3rem; height: 3rem; border-radius: .75rem; background: var(--accent); color: #fff; font-size: 1.5rem; font-weight: 600;
  display: flex; align-items: center; justify-content: center }
.app p { margin: 0 }
fieldset { border: 0; margin: 0 0 1rem; padding: 0; min-width: 0 }
legend { padding: 0; font-size: 1.125rem; margin: .5rem 0 .25rem }
.scope { display: flex; gap: .75rem; align-items: flex-start; min-height: 3rem; padding: .625rem 0; border-bottom: 1px solid var(--faint);
  font-weight: 400; cursor: pointer }
.scope input { flex: none; width: 1.5rem; height: 1.5rem; margin: 0; accent-color: var(--accent) }
.scope small { display: block; color: var(--muted); font-size: .9375rem }
.tag { display: inline-block; margin: .125rem .25rem .125rem 0; padding: 0 .5rem; border-radius: .25rem; background: #fff6e0; color: #5e3c00;
  border: 1px solid #8a5a00; font-size: .875rem; font-weight: 600 }
.choices { list-style: none; margin: 0 0 1rem; padding: 0; display: grid; gap: .5rem }
.choices .button { justify-content: flex-start; text-align: left; flex-wrap: wrap; column-gap: .75rem }
.choices .button span { font-weight: 400 }
.apps { list-style: none; margin: 0; padding: 0 }
.apps > li { border-top: 1px solid var(--faint); padding: 1rem 0 }
.apps ul { margin: 0 0 1rem; padding-left: 1.25rem }
@media (min-width: 30rem) { main { padding: 2rem } .buttons.pair { grid-template-columns: 1fr 1fr } }
@media (forced-colors: active) { .button, .tag, .app .sign { border: 2px solid } }
`;
