import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseConfigDocument } from '../../config/file/config-document.ts';
import { GatewayError } from '../../core/errors.ts';
import { isJsonObject, type JsonValue } from '../../core/json/json.ts';
import { CLIENTS, type Machine } from '../clients/clients.ts';
import { type Finding, ok, warn } from './finding.ts';

/** Which clients are on this machine, and which of them know of Signalbox. */
export function checkClients(machine: Machine): readonly Finding[] {
  return CLIENTS.map(({ name, configFiles }) => {
    const files = configFiles(machine);
    const found = files.filter((file) => existsSync(file));
    if (found.length === 0 && !files.some((file) => hasOwnFolder(file, machine)))
      return ok(name, `not found on this machine (no ${files[0]})`);
    const looks = found.map((file) => ({ file, look: lookInto(file) }));
    const knowing = looks.find(({ look }) => look === 'has it');
    if (knowing !== undefined) return ok(name, `has Signalbox in ${knowing.file}`);
    const [fault] = looks.flatMap(({ look }) => (look instanceof GatewayError ? look : []));
    if (fault !== undefined) return warn(name, `cannot read its ${fault.message}`, 'Correct the place named.');
    const where = found[0] === undefined ? `(no ${files[0]})` : `in ${found[0]}`;
    return warn(name, `is here, without Signalbox ${where}`, 'Add the snippet below, if you want it there.');
  });
}

/** VS Code and Cursor write the file with the first server; their folder is there from the beginning. */
function hasOwnFolder(file: string, { homeDir }: Machine): boolean {
  const folder = dirname(file);
  return folder !== resolve(homeDir) && existsSync(folder);
}

/** Does a client's file name Signalbox among its servers? The error where it is no JSON. */
function lookInto(file: string): 'has it' | 'lacks it' | GatewayError {
  try {
    // Takes a byte order mark off.
    const text = new TextDecoder().decode(readFileSync(file));
    return text.trim() !== '' && hasServer(parseConfigDocument(file, text).value) ? 'has it' : 'lacks it';
  } catch (error) {
    return error instanceof GatewayError ? error : 'lacks it';
  }
}

/** At any depth: Claude Code has servers for all projects and others in each, whose folder may be called anything. */
function hasServer(value: JsonValue): boolean {
  if (!isJsonObject(value)) return false;
  return Object.entries(value).some(([key, part]) => {
    if (key !== 'mcpServers' && key !== 'servers') return hasServer(part);
    return /signalbox/i.test(JSON.stringify(part));
  });
}
