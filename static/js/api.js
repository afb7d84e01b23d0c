// Requests to the hub. Every failure is an ApiError: status 0 means that the hub did not answer.

const TIMEOUT_MS = 10_000;

export class ApiError extends Error {
  constructor(status, message, errors = []) {
    super(message);
    this.status = status;
    this.errors = errors;
  }
}

async function request(path, options = {}) {
  let response;
  try {
    response = await fetch(path, { ...options, signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch {
    throw new ApiError(0, "The hub does not answer.");
  }
  const value = await response.json().catch(() => ({}));
  if (!response.ok) {
    throw new ApiError(response.status, value.message ?? response.statusText, value.errors ?? []);
  }
  return value;
}

export const get = (path) => request(path);

export const post = (path, body = {}) =>
  request(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
