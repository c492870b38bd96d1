import { isObject, type JsonObject } from '../../domain/json.ts';
import type { AccessQuestion } from '../../services/ports.ts';
import { type AccessRules, answerFromRules, readRules } from './access-rules.ts';
import type { Api } from './api.ts';
import type { ApiRequest } from './transport.ts';

type Answer = { readonly allowed: boolean; readonly reason: string };

/** From so many different questions about a namespace on, its rules are read once instead. */
const MANY = 4;

/**
 * Answers questions to the authoriser. Equal ones are asked once; many about one namespace are answered from the rules that the
 * server lists for it (SelfSubjectRulesReview), as far as those say yes: they may be incomplete, so that a no is always asked
 * singly (SelfSubjectAccessReview).
 */
export async function askAccess(
  api: Api,
  questions: readonly AccessQuestion[],
  signal?: AbortSignal,
): Promise<readonly Answer[]> {
  const rules = rulesOfBusyNamespaces(api, questions, signal);
  const asked = new Map<string, Promise<Answer>>();
  const ask = async (question: AccessQuestion): Promise<Answer> => {
    const known = answerFromRules(await rules.get(question.namespace), question);
    if (known !== undefined) return known;
    const key = JSON.stringify(attributes(question));
    const found = asked.get(key) ?? review(api, question, signal);
    asked.set(key, found);
    return found;
  };
  return Promise.all(questions.map(ask));
}

/** Begins to read the rules of the namespaces that many questions are about; what is told of others waits for none of them. */
function rulesOfBusyNamespaces(
  api: Api,
  questions: readonly AccessQuestion[],
  signal?: AbortSignal,
): ReadonlyMap<string, Promise<AccessRules | undefined>> {
  const distinct = new Map<string, Set<string>>();
  for (const question of questions) {
    const inNamespace = distinct.get(question.namespace) ?? new Set();
    distinct.set(question.namespace, inNamespace.add(JSON.stringify(attributes(question))));
  }
  const busy = [...distinct].filter(([namespace, keys]) => namespace !== '' && keys.size >= MANY);
  const read = async (namespace: string) => {
    const spec = { namespace };
    return readRules(await post(api, 'SelfSubjectRulesReview', 'selfsubjectrulesreviews', spec, signal));
  };
  return new Map(busy.map(([namespace]) => [namespace, read(namespace)]));
}

async function review(api: Api, question: AccessQuestion, signal?: AbortSignal): Promise<Answer> {
  const spec = { resourceAttributes: attributes(question) };
  const status = await post(api, 'SelfSubjectAccessReview', 'selfsubjectaccessreviews', spec, signal);
  const reason = status.reason ?? status.evaluationError;
  return { allowed: status.allowed === true, reason: typeof reason === 'string' ? reason : '' };
}

function attributes({ verb, group, resource, subresource, namespace, name }: AccessQuestion): JsonObject {
  return {
    verb,
    group,
    resource,
    ...(subresource === undefined ? {} : { subresource }),
    ...(namespace === '' ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
  };
}

/** Reviews are questions in the form of a POST: asking twice changes nothing. */
async function post(
  api: Api,
  kind: string,
  resource: string,
  spec: JsonObject,
  signal?: AbortSignal,
): Promise<JsonObject> {
  const request: ApiRequest = {
    method: 'POST',
    path: `/apis/authorization.k8s.io/v1/${resource}`,
    body: { apiVersion: 'authorization.k8s.io/v1', kind, spec },
    subject: kind,
    safety: 'repeat',
    ...(signal === undefined ? {} : { signal }),
  };
  const { status } = await api.transport.json(request);
  return isObject(status) ? status : {};
}
