/** The floor on SQLite: the same database, asked by hand. Arguments: the server's database, and a file to create in. */
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { observation } from '../data.ts';
import { counter, grouped, serve } from './express.ts';
import { extractor, sampleOf } from './samples.ts';
import { createInserter, openScratch } from './sqlite-rows.ts';

const [dataFile, scratchFile] = process.argv.slice(2) as [string, string];
const data = new DatabaseSync(dataFile, { readOnly: true });
data.exec('PRAGMA cache_size = -65536');

/** The number of a type, or of a parameter of it, in the demo clinic. */
const tidOf = (type: string): number =>
  (data.prepare("SELECT tid FROM type JOIN clinic USING (cid) WHERE clinic.name = 'demo' AND type.name = ?").get(type) as { tid: number })
    .tid;
const pidOf = (type: string, param: string): number =>
  (data.prepare('SELECT pid FROM param WHERE tid = ? AND name = ?').get(tidOf(type), param) as { pid: number }).pid;

const observations = tidOf('Observation');
const pids = {
  code: pidOf('Observation', 'code'),
  patient: pidOf('Observation', 'patient'),
  date: pidOf('Observation', 'date'),
  name: pidOf('Patient', 'name'),
  birthdate: pidOf('Patient', 'birthdate'),
};

const { sid: loinc } = data.prepare("SELECT sid FROM system WHERE name = 'http://loinc.org'").get() as { sid: number };

const read = data.prepare('SELECT body FROM resource WHERE tid = ? AND id = ? AND deleted = 0');
const byToken = data.prepare(
  `SELECT r.body FROM token t CROSS JOIN resource r ON r.rid = t.rid WHERE t.pid = ? AND t.code = ? AND t.system = ? ORDER BY t.rid LIMIT 20`,
);
const byPair = data.prepare(
  `SELECT r.body FROM reference p CROSS JOIN date s ON s.pid = ? AND s.rid = p.rid CROSS JOIN resource r ON r.rid = p.rid
   WHERE p.pid = ? AND p.id = ? AND p.type = 'Patient' AND EXISTS (SELECT 1 FROM token t WHERE t.pid = ? AND t.code = ? AND t.rid = p.rid)
   ORDER BY s.hi DESC LIMIT 20`,
);
const byName = data.prepare(
  `SELECT r.body FROM string s CROSS JOIN resource r ON r.rid = s.rid WHERE s.pid = ? AND s.value >= ? AND s.value < ?
   AND EXISTS (SELECT 1 FROM date d WHERE d.pid = ? AND d.rid = s.rid AND d.lo >= ?) LIMIT 20`,
);

const bodies = (statement: StatementSync, ...params: (string | number)[]): Uint8Array[] =>
  (statement.all(...params) as { body: Uint8Array }[]).map((row) => row.body);

const scratch = openScratch(scratchFile);
const insert = createInserter(scratch);
const template = sampleOf(observation(1, 1), 'x', extractor());
const made = counter();

serve({
  read: (id) => (read.get(observations, id) as { body: Uint8Array } | undefined)?.body,
  byToken: (code) => bodies(byToken, pids.code, code, loinc),
  byPatientAndCode: (patient, code) => bodies(byPair, pids.date, pids.patient, patient, pids.code, code),
  byNameAndDate: (name, from) => bodies(byName, pids.name, name, `${name}\uffff`, pids.birthdate, from),
  create: grouped<string>((texts) => {
    scratch.exec('BEGIN IMMEDIATE');
    for (const text of texts) insert({ ...template, id: `c${made()}`, body: Buffer.from(text) });
    scratch.exec('COMMIT');
  }),
});
