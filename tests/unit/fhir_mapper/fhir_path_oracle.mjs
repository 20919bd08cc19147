// Evaluates expressions with fhirpath.js, of the validator whose folder is the first argument. A job a line on standard input:
// {"file", "at": [steps to the element], "in": steps to its resource, "root": steps to the root resource, "base": type or "", "expression"}
// A verdict a line on standard output: holds, fails, nothing, or unevaluable and why.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

const require = createRequire(join(resolve(process.argv[2]), 'package.json'));
const fhirpath = require('fhirpath');
const model = require('fhirpath/fhir-context/r4');
const files = new Map();
const compiled = new Map();

function verdict({ file, at, in: inside, root, base, expression }) {
  if (!files.has(file)) files.set(file, JSON.parse(readFileSync(file, 'utf8')));
  const walk = steps => steps.reduce((value, step) => value[step], files.get(file));
  const key = base + '|' + expression;
  try {
    if (!compiled.has(key)) {
      compiled.set(key, fhirpath.compile(base ? { base, expression } : expression, model, {
        traceFn: () => {}, userInvocationTable: { htmlChecks: { fn: all => all.map(() => true), arity: { 0: [] } } } }));
    }
    const focus = walk(at);
    const result = [compiled.get(key)(focus, { resource: walk(inside), rootResource: walk(root), context: focus })].flat();
    if (result.length === 0) return 'nothing';
    if (result.length > 1) return 'unevaluable: several values';
    return result[0] === false ? 'fails' : 'holds';
  } catch (error) {
    return 'unevaluable: ' + String(error.message || error).split('\n')[0].slice(0, 200);
  }
}

for (const line of readFileSync(0, 'utf8').split('\n')) if (line) console.log(verdict(JSON.parse(line)));
