/** From the words of the command line to a command and its arguments. */
import { resolve } from 'node:path';
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { CommandError, type Command, type CommandArguments } from './command.ts';

export type Request = { readonly help: string } | { readonly command: Command; readonly args: CommandArguments };

/** Throws CommandError, whose message says what is wrong and where the help is. */
export function readArguments(commands: readonly Command[], words: readonly string[]): Request {
  const [name, ...rest] = words;
  if (name === undefined || name === '--help' || name === 'help') return { help: overview(commands) };
  const command = commands.find((c) => c.name === name);
  if (!command) throw new CommandError(`there is no command ${JSON.stringify(name)}; it may be ${commands.map((c) => c.name).join(', ')}`);
  const { values, positionals: given } = parsed(command, rest);
  if (values['help'] === true) return { help: helpOf(command) };
  const action = command.actions === undefined ? undefined : actionOf(command.actions, name, given[0]);
  const positionals = action === undefined ? given : given.slice(1);
  if (positionals.length < (command.minFiles ?? 0)) throw new CommandError(`${name} needs a file; npm run cli -- ${name} --help says more`);
  if (command.minFiles === undefined && positionals.length > 0)
    throw new CommandError(`${name} takes no files; npm run cli -- ${name} --help says more`);
  const options = Object.fromEntries(
    command.options.map((o) => [o.name, o.isPath && values[o.name] !== undefined ? resolve(String(values[o.name])) : values[o.name]]),
  );
  return { command, args: { files: positionals.map((f) => resolve(f)), options, ...(action === undefined ? {} : { action }) } };
}

function actionOf(actions: readonly string[], name: string, given: string | undefined): string {
  if (given !== undefined && actions.includes(given)) return given;
  throw new CommandError(`${name} is followed by ${actions.join(' or ')}; npm run cli -- ${name} --help says more`);
}

function parsed(command: Command, words: string[]): { values: Record<string, string | boolean | undefined>; positionals: string[] } {
  const options: ParseArgsOptionsConfig = { help: { type: 'boolean', short: 'h' } };
  for (const o of command.options)
    options[o.name] = { type: o.value === undefined ? 'boolean' : 'string', ...(o.default === undefined ? {} : { default: o.default }) };
  try {
    const { values, positionals } = parseArgs({ args: words, options, allowPositionals: true });
    return { values: values as Record<string, string | boolean | undefined>, positionals };
  } catch (error) {
    throw new CommandError(`${(error as Error).message.split('. ')[0]}; npm run cli -- ${command.name} --help says more`);
  }
}

function overview(commands: readonly Command[]): string {
  const lines = commands.map((c) => `  ${c.name.padEnd(10)} ${c.summary}`);
  return [
    'usage: npm run cli -- COMMAND …',
    '',
    ...lines,
    '',
    'Each has --help. A running server on the same DATA_DIR does the work; without one it is done here.',
  ].join('\n');
}

function helpOf(command: Command): string {
  const options = command.options.map((o) => `  ${`--${o.name}${o.value === undefined ? '' : ` ${o.value}`}`.padEnd(16)} ${o.meaning}`);
  return [`usage: npm run cli -- ${command.usage}`, '', `  ${command.summary}`, ...(options.length > 0 ? ['', ...options] : [])].join('\n');
}
