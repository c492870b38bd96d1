import type { JsonObject } from '../domain/json.ts';
import type { Answer, Route } from './routes/route.ts';
import { components } from './schemas.ts';

/** What any route may answer besides. */
const problems: Readonly<Record<number, string>> = {
  400: 'the request is not as it is described',
  401: 'nobody is logged in, or what was sent does not count',
  403: 'the caller may not do this',
  404: 'there is no such thing',
  409: 'something stands in the way',
  422: 'what was asked for cannot be done',
  429: 'too much at once',
  500: 'something that nobody foresaw',
  502: 'what the server stands on answered something else',
  503: 'the cluster is away, or the server ends',
};

/** The API as OpenAPI 3.1, made from what is registered. */
export function openApi(routes: readonly Route[], version: string): JsonObject {
  const paths: Record<string, JsonObject> = {};
  for (const route of routes)
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operationOf(route) };
  return {
    openapi: '3.1.0',
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    info: {
      title: 'appstore',
      version,
      description:
        'The app store for any Kubernetes cluster. Everything that is done is done with the rights of whoever asks; errors are problems (RFC 9457) with the codes of the command line.',
    },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }, { cookie: [], csrf: [] }],
    paths,
    components: {
      schemas: components(),
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: 'the token that the cluster knows the caller by',
        },
        cookie: {
          type: 'apiKey',
          in: 'cookie',
          name: 'appstore',
          description: 'after a login; its name may be longer',
        },
        csrf: {
          type: 'apiKey',
          in: 'header',
          name: 'x-appstore-csrf',
          description: '`csrf` of the session; for writes',
        },
      },
    },
  };
}

function operationOf(route: Route): JsonObject {
  const { id, tag, summary, description, params, query, headers, body, answers } = route;
  const parameters = [
    ...parametersOf('path', params),
    ...parametersOf('query', query),
    ...parametersOf('header', headers),
  ];
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    ...(route.public === true ? { security: [] } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: body } } } }),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, answerOf(answer)])),
      ...Object.fromEntries(
        Object.entries(problems)
          .filter(([status]) => answers[Number(status)] === undefined)
          .map(([status, what]) => [status, problemAnswer(what)]),
      ),
    },
  };
}

function parametersOf(place: string, schema: JsonObject | undefined): JsonObject[] {
  const properties = (schema?.properties ?? {}) as Record<string, JsonObject>;
  const required = (schema?.required ?? []) as readonly string[];
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...rest } = property;
    return {
      name,
      in: place,
      required: place === 'path' || required.includes(name),
      ...(description === undefined ? {} : { description }),
      schema: rest,
    };
  });
}

function answerOf({ description, schema, type, headers = [] }: Answer): JsonObject {
  const media = type ?? (schema === undefined ? undefined : 'application/json');
  const content =
    schema === undefined
      ? { schema: { type: 'string' } }
      : { schema: { $ref: `#/components/schemas/${schema}` } };
  return {
    description,
    ...(headers.length === 0
      ? {}
      : { headers: Object.fromEntries(headers.map((name) => [name, { schema: { type: 'string' } }])) }),
    ...(media === undefined ? {} : { content: { [media]: content } }),
  };
}

function problemAnswer(description: string): JsonObject {
  const schema = { $ref: '#/components/schemas/ProblemDetails' };
  return { description, content: { 'application/problem+json': { schema } } };
}
