/**
 * Calls on a Selfology mesh, with what its contracts say of each: deadline, repeating, idempotency key.
 *
 *     import { Connection } from "@selfology/client";
 *     import { SessionServiceClient } from "@selfology/client/session/v1/session_service_client";
 *
 *     const sessions = new SessionServiceClient(new Connection("http://127.0.0.1:50051"));
 *     for await (const session of sessions.iterateSessions({ userId: 1001n })) console.log(session.sessionId);
 */
export { Connection } from "./connection.js";
export type { CallOptions, ConnectionOptions, Contract, StreamContract } from "./connection.js";
export { SelfologyError, type FieldViolation } from "./errors.js";
export { Retries, type RetryOptions } from "./retries.js";
