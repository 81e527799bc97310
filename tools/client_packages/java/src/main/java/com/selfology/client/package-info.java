/**
 * Calls on a Selfology mesh, with what its contracts say of each: deadline, repeating, idempotency key.
 *
 * <pre>{@code
 * try (Connection connection = Connection.to("127.0.0.1:50051").build()) {
 *   SessionServiceClient sessions = new SessionServiceClient(connection);
 *   for (Session session :
 *       sessions.iterateSessions(ListSessionsRequest.newBuilder().setUserId(1001).build())) {
 *     System.out.println(session.getSessionId());
 *   }
 * }
 * }</pre>
 */
package com.selfology.client;
