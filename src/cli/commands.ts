/** The commands of the command line, in the order of its help. */
import type { Command, StoreCommand } from './command.ts';
import { adminCommand } from './admin.ts';
import { auditCommand } from './audit.ts';
import { exportCommand } from './export.ts';
import { importCommand } from './import/index.ts';
import { reindexCommand } from './reindex.ts';
import { validateCommand } from './validate.ts';

/** Those that a running server takes. */
export const STORE_COMMANDS: readonly StoreCommand[] = [importCommand, exportCommand, reindexCommand, auditCommand, adminCommand];

export const COMMANDS: readonly Command[] = [...STORE_COMMANDS, validateCommand];
